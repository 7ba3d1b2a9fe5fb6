import { AppError } from '../errors/app-error';
import { BodyRefusedError, type BodyBudget, type BodyRefusal } from './body-budget';

/** Bodies up to this size have a budget of their own: large uploads don't keep a sign-in or a small change waiting. */
export const SMALL_BODY_BYTES = 65_536;
const RETRY_SECONDS = 5;

/** What one body holds of the budgets. */
export class BodyRoom {
  private readonly held: { budget: BodyBudget; owner: string; bytes: number }[] = [];
  private released = false;

  constructor(
    private readonly small: BodyBudget,
    private readonly large: BodyBudget,
  ) {}

  /** Waits for room. Throws an AppError when there is none in time, and the signal's reason when it is aborted. */
  async reserve(owner: string, bytes: number, signal: AbortSignal): Promise<void> {
    const budget = this.budgetFor(bytes);
    try {
      await budget.reserve(owner, bytes, signal);
    } catch (error) {
      throw translated(error);
    }
    if (this.released) budget.release(owner, bytes);
    else this.held.push({ budget, owner, bytes });
  }

  /** The same without waiting: whether there is room now. */
  reserveNow(owner: string, bytes: number): boolean {
    const budget = this.budgetFor(bytes);
    if (!budget.reserveNow(owner, bytes)) return false;
    this.held.push({ budget, owner, bytes });
    if (this.released) this.release();
    return true;
  }

  /** Takes more for a body that did not say how long it is. Throws an AppError when there is no room. */
  grow(owner: string, bytes: number): void {
    try {
      this.large.grow(owner, bytes);
    } catch (error) {
      throw translated(error);
    }
    this.held.push({ budget: this.large, owner, bytes });
  }

  release(): void {
    this.released = true;
    for (const { budget, owner, bytes } of this.held.splice(0)) budget.release(owner, bytes);
  }

  private budgetFor(bytes: number): BodyBudget {
    return bytes <= SMALL_BODY_BYTES ? this.small : this.large;
  }
}

const SENTENCES: Readonly<Record<BodyRefusal, string>> = {
  owner: 'You are sending too many large bodies at the same time; nothing was written. Send fewer at once.',
  total: 'Too many large bodies are being sent at the moment; nothing was written. Try again shortly.',
};

function translated(error: unknown): unknown {
  if (!(error instanceof BodyRefusedError)) return error;
  const kind = error.reason === 'owner' ? 'too_many' : 'unavailable';
  const code = error.reason === 'owner' ? 'too-many-bodies' : 'bodies-busy';
  return new AppError(kind, code, SENTENCES[error.reason], { cause: error, retryAfter: RETRY_SECONDS });
}
