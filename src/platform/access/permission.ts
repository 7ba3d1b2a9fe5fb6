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
  /** Create graphs and change the present state of the caller's own graphs; every earlier state is kept. */
  GraphsAppend = 'graphs:append',
  /** Delete, recover, restore and label the caller's own graphs. */
  GraphsWrite = 'graphs:write',
  /** Decide what is kept of the caller's own graphs: policies and purges; only with a session. */
  GraphsRetention = 'graphs:retention',
  /** Runs, verification, monitoring. */
  Operate = 'operate',
  /** Manage other accounts and read the whole audit log, but no graphs of others. */
  Administer = 'administer',
}

const OWN_DATA = [
  Permission.Account,
  Permission.AccountManage,
  Permission.GraphsRead,
  Permission.GraphsAppend,
  Permission.GraphsWrite,
  Permission.GraphsRetention,
] as const;

/** What API tokens can have at most; their scopes grant parts of it. */
export const TOKEN_PERMISSIONS: ReadonlySet<Permission> = new Set([
  Permission.Account,
  Permission.GraphsRead,
  Permission.GraphsAppend,
  Permission.GraphsWrite,
]);

/** The permissions of each role. All roles have their own graphs; none can see graphs of other users. */
export const PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  user: new Set(OWN_DATA),
  operator: new Set([...OWN_DATA, Permission.Operate]),
  admin: new Set([...OWN_DATA, Permission.Operate, Permission.Administer]),
};
