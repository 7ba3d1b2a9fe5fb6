import { offline } from '../../api/problem';
import { Loaded } from '../../parts/loaded';
import { useResource } from '../../parts/use-resource';

interface Part {
  status: 'up' | 'down';
  degraded?: boolean;
  reason?: string;
  message?: string;
}

interface Report {
  status: 'ok' | 'degraded' | 'error' | 'shutting_down';
  details: Record<string, Part>;
}

const WORDS: Record<Report['status'], readonly [text: string, kind: string]> = {
  ok: ['Everything works.', 'ok'],
  degraded: ['It works, but needs attention.', 'warning'],
  error: ['A part is down.', 'danger'],
  shutting_down: ['The service is shutting down.', 'warning'],
};

/** The path is outside the prefix of the API, and a report comes with 503 too. */
async function readHealth(signal: AbortSignal): Promise<Report> {
  const response = await fetch('/health', { signal }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw offline();
  });
  return (await response.json()) as Report;
}

const nameOf = (key: string) => {
  const words = key
    .replaceAll(/[_-]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const weight = ({ status, degraded }: Part) => (status === 'down' ? 0 : degraded ? 1 : 2);

/** The health of each part, in words; what needs attention comes first. */
export function Health() {
  const health = useResource(readHealth, []);
  return (
    <section class="card stack">
      <div class="row">
        <h2 class="grow">Health</h2>
        <button type="button" class="button" disabled={health.loading} onClick={health.reload}>
          Check again
        </button>
      </div>
      <Loaded of={health}>
        {({ status, details }) => (
          <>
            <p class={`note ${WORDS[status][1]}`} role="status">
              {WORDS[status][0]}
            </p>
            <ul class="parts">
              {Object.entries(details)
                .sort(([, one], [, other]) => weight(one) - weight(other))
                .map(([key, part]) => (
                  <li key={key}>
                    <span class={`badge ${['danger', 'warning', 'ok'][weight(part)]}`}>
                      {['down', 'attention', 'works'][weight(part)]}
                    </span>
                    <span class="grow">
                      <strong>{nameOf(key)}</strong>
                      {(part.reason ?? part.message) && <>: {part.reason ?? part.message}</>}
                    </span>
                  </li>
                ))}
            </ul>
          </>
        )}
      </Loaded>
    </section>
  );
}
