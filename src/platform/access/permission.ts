/** Who a user is to the service. */
export const ROLES = ['user', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What a route asks for. */
export enum Permission {
  /** The caller's own account, to look at. */
  Account = 'account',
  /** The caller's password and API tokens; for sessions only. */
  AccountManage = 'account:manage',
  /** Read the caller's own graphs. */
  GraphsRead = 'graphs:read',
  /** Change the caller's own graphs. */
  GraphsWrite = 'graphs:write',
  /** Runs, verification, monitoring. */
  Operate = 'operate',
  /** Other accounts and the whole audit log, never their graphs. */
  Administer = 'administer',
}

const OWN_DATA = [
  Permission.Account,
  Permission.AccountManage,
  Permission.GraphsRead,
  Permission.GraphsWrite,
] as const;

/** What each role may do. Every role has graphs of its own; none sees another user's. */
export const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  user: new Set(OWN_DATA),
  operator: new Set([...OWN_DATA, Permission.Operate]),
  admin: new Set([...OWN_DATA, Permission.Operate, Permission.Administer]),
};
