import type { ComponentType } from 'preact';
import { lazy } from 'preact-iso';
import { NotLoaded } from './parts/not-loaded';
import type { NavItem } from './parts/shell';

/** A screen gets the parts of its path by `useRoute().params`. */
type Load = () => Promise<ComponentType>;

/** A screen: its path, and how its code is loaded when it is opened. */
export interface Screen {
  path: string;
  component: ComponentType;
}

const screen = (path: string, load: Load): Screen => ({
  path,
  // Without this, a page that lost its network would stay where it is and say nothing.
  component: lazy(() => load().catch(() => NotLoaded)),
});

/** Screens for people who are not signed in. */
export const GATE_SCREENS: readonly Screen[] = [
  screen('/sign-in', async () => (await import('./screens/sign-in/sign-in')).SignIn),
  screen('/register', async () => (await import('./screens/sign-in/register')).Register),
  screen('/forgotten-password', async () => (await import('./screens/sign-in/forgotten')).Forgotten),
  screen('/password-reset', async () => (await import('./screens/sign-in/password-reset')).PasswordReset),
];

/**
 * Screens for signed-in people. The first part of each path is also in `src/console/console-page.ts`, so that the
 * service answers a reload.
 */
export const SCREENS: readonly Screen[] = [
  screen('/welcome', async () => (await import('./screens/welcome/welcome')).Welcome),
  screen('/graphs', async () => (await import('./screens/graphs/graphs')).Graphs),
  screen('/graphs/:id', async () => (await import('./screens/graph/graph')).GraphScreen),
  screen('/graphs/:id/compare', async () => (await import('./screens/compare/compare')).Compare),
  screen('/trash', async () => (await import('./screens/trash/trash')).Trash),
  screen('/recovery', async () => (await import('./screens/recovery/recovery')).AccountRecovery),
  screen('/sources', async () => (await import('./screens/sources/sources')).Sources),
  screen('/sources/new', async () => (await import('./screens/sources/new-source')).NewSource),
  screen('/sources/:id', async () => (await import('./screens/sources/source')).SourceScreen),
  screen('/policy', async () => (await import('./screens/policy/policy')).AccountPolicy),
  screen('/policy/graphs/:id', async () => (await import('./screens/policy/policy')).GraphPolicy),
  screen('/settings/:section?', async () => (await import('./screens/settings/settings')).Settings),
  screen('/operator/:section?', async () => (await import('./screens/operator/operator')).Operator),
  screen('/users', async () => (await import('./screens/users/users')).Users),
];

/** The navigation, in its order. */
export const NAV: readonly NavItem[] = [
  { path: '/graphs', label: 'Graphs', icon: 'graphs' },
  { path: '/sources', label: 'Sources', icon: 'sources' },
  { path: '/trash', label: 'Trash', icon: 'trash' },
  { path: '/recovery', label: 'Account recovery', icon: 'recovery' },
  { path: '/policy', label: 'Policy', icon: 'policy' },
  { path: '/settings', label: 'Settings', icon: 'settings' },
  { path: '/operator', label: 'Operation', icon: 'operator', roles: ['operator', 'admin'] },
  { path: '/users', label: 'Users', icon: 'users', roles: ['admin'] },
];
