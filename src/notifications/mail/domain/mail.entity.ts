import { EntitySchema } from 'typeorm';
import type { PortableColumns } from '../../../platform/database/columns';

/**
 * A mail that waits to be sent. It holds no address and no text: both are made when it is sent, so that no link to
 * set a password is ever stored. A mail of the same account, kind and reference is the same mail.
 */
export interface MailRow {
  /** The recipient; 0: the address of a request that belongs to no account. */
  user_key: number;
  /** Index into MAIL_KINDS, which are in the order in which they are sent. */
  kind: number;
  /** Distinguishes mails of the same kind to the same account. */
  reference: string;
  created_at: number;
  /** Milliseconds since the epoch. */
  next_attempt_at: number;
  /** When it is given up, ms since the epoch. */
  expires_at: number;
  attempts: number;
  /** Why the last attempt failed: a code, never the server's text. */
  failure: string | null;
  /** What the text needs and cannot be read when it is sent: JSON, never a secret. */
  details: string | null;
}

export const mailSchema = (column: PortableColumns) =>
  new EntitySchema<MailRow>({
    name: 'mails',
    columns: {
      user_key: column.int64({ primary: true, primaryKeyConstraintName: 'pk_mails' }),
      kind: column.small({ primary: true, primaryKeyConstraintName: 'pk_mails' }),
      reference: column.plainText({ primary: true, primaryKeyConstraintName: 'pk_mails' }),
      created_at: column.int64(),
      next_attempt_at: column.int64(),
      expires_at: column.int64(),
      attempts: column.int(),
      failure: column.text({ nullable: true }),
      details: column.text({ nullable: true }),
    },
    indices: [
      { name: 'ix_mails_due', columns: ['kind', 'next_attempt_at'] },
      { name: 'ix_mails_expires_at', columns: ['expires_at'] },
    ],
  });
