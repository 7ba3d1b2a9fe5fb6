import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { session, signOut, type User } from '../api/session';
import { Icon, type IconName } from './icon';
import { OfflineBanner } from './offline-banner';

/** An entry of the navigation. */
export interface NavItem {
  path: string;
  label: string;
  icon: IconName;
  /** Only for these roles; missing: for everyone. */
  roles?: ReadonlyArray<User['role']>;
}

interface Props {
  user: User;
  items: readonly NavItem[];
  children: ComponentChildren;
}

/** The frame of all screens after signing in: navigation on the left, or behind a button on a narrow page. */
export function Shell({ user, items, children }: Props) {
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const shown = items.filter(({ roles }) => roles?.includes(user.role) ?? true);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="head">
        <div class="bar">
          <Brand />
          <button
            type="button"
            class="button quiet icon"
            aria-label="Menu"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'close' : 'menu'} />
          </button>
        </div>
        <div class={open ? 'side open' : 'side'}>
          <Brand />
          <nav class="nav" aria-label="Main">
            {shown.map((item) => (
              <a
                key={item.path}
                href={item.path}
                aria-current={isBelow(path, item.path) ? 'page' : undefined}
              >
                <Icon name={item.icon} /> {item.label}
              </a>
            ))}
          </nav>
          <div class="side-foot">
            <p class="who cut" title={user.email}>
              {user.email}
            </p>
            <div class="nav">
              <a href="/docs" target="_blank" rel="noreferrer">
                <Icon name="docs" /> API
              </a>
              <button type="button" onClick={() => void signOut()}>
                <Icon name="out" /> Sign out
              </button>
            </div>
          </div>
        </div>
      </header>
      <main id="main" class="main" tabIndex={-1}>
        <div class="main-inner">
          <OfflineBanner />
          {children}
        </div>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <a class="brand" href="/graphs">
      <img src="/favicon.svg" alt="" /> GraphOMAT Backup
    </a>
  );
}

function isBelow(path: string, item: string): boolean {
  return path === item || path.startsWith(`${item}/`);
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** The signed-in user. Only below the shell. */
export function currentUser(): User {
  const { value } = session;
  if (value.phase !== 'in' && value.phase !== 'expired') throw new Error('No one is signed in.');
  return value.user;
}
