import { useEffect, useState } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { resumeSession, session } from './api/session';
import { Empty } from './parts/empty';
import { ErrorNote } from './parts/error-note';
import { Waiting } from './parts/loaded';
import { PasswordDialog } from './parts/password-dialog';
import { Shell } from './parts/shell';
import { Toasts } from './parts/toasts';
import { asApiError } from './parts/use-resource';
import { useStore } from './parts/use-store';
import { GATE_SCREENS, NAV, SCREENS, type Screen } from './screens';

export function App() {
  useEffect(() => void resumeSession(), []);
  return (
    <LocationProvider>
      <Pages />
      <PasswordDialog />
      <Toasts />
    </LocationProvider>
  );
}

/** The screens that fit the state of the session; a path of the other kind leads to where it makes sense. */
function Pages() {
  const state = useStore(session);
  const { path, url, query, route } = useLocation();
  const isGate = GATE_SCREENS.some((screen) => screen.path === path);
  const target = redirection(state.phase, { path, url, isGate, next: query['next'] });
  useEffect(() => {
    if (target !== undefined) route(target, true);
  }, [target]);
  if (target !== undefined) return null;
  if (state.phase === 'starting') return isGate ? null : <Starting />;
  if (isGate || state.phase === 'out') return <Screens of={GATE_SCREENS} />;
  return (
    <Shell user={state.user} items={NAV}>
      <Screens of={SCREENS} />
    </Shell>
  );
}

interface Place {
  path: string;
  url: string;
  isGate: boolean;
  next: string | undefined;
}

function redirection(phase: string, { path, url, isGate, next }: Place): string | undefined {
  if (phase === 'starting') return undefined;
  if (phase === 'out') {
    if (isGate) return undefined;
    return path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(url)}`;
  }
  if (path === '/') return '/graphs';
  if (!isGate || path === '/password-reset') return undefined;
  // Only a path of our own: anything else would make the link to sign in a way to other sites.
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/graphs';
}

function Starting() {
  return (
    <div class="gate">
      <div class="gate-card">
        <Waiting lines={3} />
      </div>
    </div>
  );
}

function Screens({ of }: { of: readonly Screen[] }) {
  const [error, setError] = useState<unknown>();
  if (error !== undefined)
    return <ErrorNote error={asApiError(error)} retry={() => window.location.reload()} />;
  return (
    <ErrorBoundary onError={setError}>
      <Router>
        {of.map(({ path, component }) => (
          <Route key={path} path={path} component={component} />
        ))}
        <Route default component={NotFound} />
      </Router>
    </ErrorBoundary>
  );
}

function NotFound() {
  return (
    <Empty title="There is no such page">
      <p>The address may be misspelled, or the link may be old.</p>
      <a class="button" href="/graphs">
        To your graphs
      </a>
    </Empty>
  );
}
