import type { components } from '../../api/schema';
import { count } from '../../parts/format';

type Check = components['schemas']['SourceCheckView'];

/** Graphs that are named; the others are counted. */
const NAMED = 10;
/** The API lists so many at most. */
const LISTED_MAX = 200;

/** What a check has found, or why the tool can't be read. */
export function Found({ of: { ok, items, problems, tool_version: version } }: { of: Check }) {
  const more = items.length >= LISTED_MAX ? 'at least ' : '';
  return (
    <div class={ok ? 'note ok' : 'note danger'} role="status">
      <div class="grow stack-small">
        {ok ? (
          <p>
            <strong>The connection works.</strong> {version !== null && `The tool is version ${version}. `}
            {items.length === 0 ? 'It has no graphs yet.' : `It has ${more}${count(items.length, 'graph')}:`}
          </p>
        ) : (
          <p>
            <strong>The tool can’t be read.</strong>
          </p>
        )}
        {problems.map((problem) => (
          <p key={problem}>{problem}</p>
        ))}
        {items.length > 0 && (
          <ul class="found">
            {items.slice(0, NAMED).map(({ remote_id, title }) => (
              <li key={remote_id}>{title || remote_id}</li>
            ))}
            {items.length > NAMED && <li>and {items.length - NAMED} more</li>}
          </ul>
        )}
      </div>
    </div>
  );
}
