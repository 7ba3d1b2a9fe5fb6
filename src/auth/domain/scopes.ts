import { PERMISSIONS, Permission, type Role } from '../../platform/access/permission';

/** The scopes of API tokens, with the bit that stores each. */
export const SCOPES = ['read', 'write', 'append'] as const;
export type Scope = (typeof SCOPES)[number];

const GRANTS: Readonly<Record<Scope, readonly Permission[]>> = {
  read: [Permission.Account, Permission.GraphsRead],
  write: [Permission.GraphsAppend, Permission.GraphsWrite],
  append: [Permission.GraphsAppend],
};

/** Scopes as one number: a bit each, in the order of `SCOPES`. */
export function scopeBits(scopes: readonly Scope[]): number {
  return scopes.reduce((bits, scope) => bits | (1 << SCOPES.indexOf(scope)), 0);
}

/** The scopes in such a number. */
export function scopesOf(bits: number): Scope[] {
  return SCOPES.filter((_, i) => (bits & (1 << i)) !== 0);
}

/** The scopes that grant a permission, the narrowest first; none if only a session has it. */
export function scopesFor(permission: Permission): Scope[] {
  return SCOPES.filter((scope) => GRANTS[scope].includes(permission)).sort(
    (a, b) => GRANTS[a].length - GRANTS[b].length,
  );
}

/**
 * What an API token allows: graphs within its scopes and never more than its owner's role does. It changes no
 * password, makes no tokens, sets no policy, purges nothing, and operates and administers nothing, whatever the role of
 * its owner.
 */
export function permissionsOf(bits: number, role: Role): ReadonlySet<Permission> {
  const granted = scopesOf(bits).flatMap((scope) => GRANTS[scope]);
  return new Set(granted.filter((permission) => PERMISSIONS[role].has(permission)));
}
