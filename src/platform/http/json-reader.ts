import { invalid, type AppError } from '../errors/app-error';
import { setOwnMember } from '../hardening/own-member';
import { JsonDepthError, JsonSyntaxError, type JsonMember, type JsonScan } from './json-scan';
import { type Workers } from '../workers/workers';
import { JsonScanPool } from './json-scan-pool';

/** A body's members: one kept as bytes, the others as values. */
export interface ReadBody {
  fields: Record<string, unknown>;
  raw: Buffer | undefined;
}

/** An envelope of the API has a handful of members; more than this is not one. */
const MAX_MEMBERS = 100;
/**
 * All members that become values, bytes: 10,000 ids of nodes fit. Parsing that takes up to 15 ms where requests are
 * answered; 16 MB of small arrays take a second and 300 MB.
 */
const VALUES_BYTES_MAX = 512 * 1024;

/** Reads request bodies as strict JSON, without printing anything again. */
export class JsonReader {
  private readonly pool: JsonScanPool;

  /** `maxDepth`: brackets a value inside the body's own object may open. */
  constructor(
    private readonly maxDepth: number,
    workers?: Workers,
  ) {
    this.pool = new JsonScanPool(workers);
  }

  /**
   * Reads a body that must be a JSON object. `rawMember`'s value is returned as the exact bytes that were sent.
   * Rejects with an `invalid` AppError for anything but strict JSON in valid UTF-8, and for a member named twice.
   */
  async readObject(bytes: Buffer, rawMember?: string): Promise<ReadBody> {
    const scan = await this.scan(bytes);
    if (scan.kind !== 'object') throw bodyFault('The body must be a JSON object.');
    if (scan.truncated) throw bodyFault(`The body has more than ${MAX_MEMBERS} fields.`);
    const fields: Record<string, unknown> = {};
    let raw: Buffer | undefined;
    const seen = new Set<string>();
    let valueBytes = 0;
    for (const member of scan.members) {
      if (seen.has(member.key))
        throw invalid([{ field: shortened(member.key), message: 'is in the body twice' }]);
      seen.add(member.key);
      if (member.key === rawMember) raw = bytes.subarray(member.start, member.end);
      else {
        valueBytes += member.end - member.start;
        if (valueBytes > VALUES_BYTES_MAX) throw invalid([tooLarge(member.key)]);
        define(fields, member, bytes);
      }
    }
    return { fields, raw };
  }

  /** Ends what is scanned aside. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private async scan(bytes: Buffer): Promise<JsonScan> {
    try {
      return await this.pool.scan(bytes, { maxDepth: this.maxDepth + 1, maxMembers: MAX_MEMBERS });
    } catch (error) {
      if (error instanceof JsonDepthError)
        throw bodyFault(`The JSON is nested deeper than ${this.maxDepth} levels (MAX_JSON_DEPTH).`);
      if (error instanceof JsonSyntaxError) throw bodyFault(error.message);
      throw error;
    }
  }
}

function tooLarge(key: string): { field: string; message: string } {
  const message = `makes the fields larger than ${VALUES_BYTES_MAX} bytes together`;
  return { field: shortened(key), message };
}

function define(fields: Record<string, unknown>, member: JsonMember, bytes: Buffer): void {
  setOwnMember<unknown>(fields, member.key, JSON.parse(bytes.toString('utf8', member.start, member.end)));
}

// A name is as long as its sender likes; an answer is not.
function shortened(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

function bodyFault(message: string): AppError {
  return invalid([{ field: '', message }], message);
}
