/**
 * First parts of the paths that the console's page answers, so that a reload or a link opens the same screen.
 * A new screen adds its word here; everything else stays a 404.
 */
export const CONSOLE_SCREENS = [
  'account',
  'forgotten-password',
  'graphs',
  'operator',
  'password-reset',
  'policy',
  'recovery',
  'register',
  'settings',
  'sign-in',
  'sources',
  'trash',
  'users',
  'welcome',
] as const;

/** Where the hashed files of the build are. */
export const ASSETS_PREFIX = '/assets/';
