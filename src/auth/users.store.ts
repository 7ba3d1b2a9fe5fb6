import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Statement } from '../platform/database/statement';
import type { UserRow } from './domain/user.entity';

const COLUMNS = 'key, id, seq, created_at, is_active, role, email, password_hash';
const insert = new Statement(
  `INSERT INTO users (${COLUMNS}) VALUES (:key, :id, :seq, :created_at, :is_active, :role, :email, :password_hash)`,
);
const byEmail = new Statement<UserRow>(`SELECT ${COLUMNS} FROM users WHERE email = :email`);
const byId = new Statement<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = :id`);
const anyOfRole = new Statement<{ key: number }>('SELECT key FROM users WHERE role = :role LIMIT 1');

/** The accounts' rows. */
@Injectable()
export class UsersStore {
  async insert(em: EntityManager, row: UserRow): Promise<void> {
    await insert.run(em, { ...row });
  }

  byEmail(em: EntityManager, email: string): Promise<UserRow | undefined> {
    return byEmail.one(em, { email });
  }

  byId(em: EntityManager, id: Buffer): Promise<UserRow | undefined> {
    return byId.one(em, { id });
  }

  async hasRole(em: EntityManager, role: string): Promise<boolean> {
    return (await anyOfRole.one(em, { role })) !== undefined;
  }
}
