/** The roles of users. */
export const ROLES = ['user', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The permission that a route requires. */
export enum Permission {
  /** Read the caller's own account. */
  Account = 'account',
  /** Change the caller's password and API tokens; only with a session. */
  AccountManage = 'account:manage',
  /** Read the caller's own graphs. */
  GraphsRead = 'graphs:read',
  /** Change the caller's own graphs. */
  GraphsWrite = 'graphs:write',
  /** Runs, verification, monitoring. */
  Operate = 'operate',
  /** Manage other accounts and read the whole audit log, but no graphs of others. */
  Administer = 'administer',
}

const OWN_DATA = [
  Permission.Account,
  Permission.AccountManage,
  Permission.GraphsRead,
  Permission.GraphsWrite,
] as const;

/** The permissions of each role. All roles have their own graphs; none can see graphs of other users. */
export const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  user: new Set(OWN_DATA),
  operator: new Set([...OWN_DATA, Permission.Operate]),
  admin: new Set([...OWN_DATA, Permission.Operate, Permission.Administer]),
};
