import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Role } from '../platform/access/permission';
import { comparableEmail } from './domain/credentials';
import { PasswordResetsStore } from './password-resets.store';
import { UsersStore } from './users.store';

/** An active account that mail can be sent to. */
export interface AddressedAccount {
  key: number;
  id: Buffer;
  role: Role;
  email: string;
}

/** Finds the active accounts that mails go to. Disabled and deleted accounts get none. */
@Injectable()
export class AccountAddresses {
  constructor(
    private readonly users: UsersStore,
    private readonly resets: PasswordResetsStore,
  ) {}

  /** The account with an e-mail address. */
  async byEmail(em: EntityManager, email: string): Promise<AddressedAccount | undefined> {
    const user = await this.users.byEmail(em, comparableEmail(email));
    return user?.is_active === 1 ? user : undefined;
  }

  async byId(em: EntityManager, id: Buffer): Promise<AddressedAccount | undefined> {
    const user = await this.users.byId(em, id);
    return user?.is_active === 1 ? user : undefined;
  }

  byKey(em: EntityManager, key: number): Promise<AddressedAccount | undefined> {
    return this.users.activeAccount(em, key);
  }

  /** The accounts that operate the installation, administrators included, the oldest first. */
  operators(em: EntityManager, limit: number): Promise<AddressedAccount[]> {
    return this.users.activeOperators(em, limit);
  }

  /** An account that still operates the installation. */
  async operatorByKey(em: EntityManager, key: number): Promise<AddressedAccount | undefined> {
    const account = await this.users.activeAccount(em, key);
    return account && account.role !== 'user' ? account : undefined;
  }

  /** Whether a link to set a password was made for the account after `since` (ms), and is still open. */
  async hasOpenLink(em: EntityManager, key: number, since: number): Promise<boolean> {
    const open = await this.resets.find(em, key);
    return open !== undefined && open.created_at > since;
  }
}
