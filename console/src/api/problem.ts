/** An error of the API as it answers them (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  errors?: Array<{ field: string; message: string }>;
}

/** A request that failed: with an answer of the API, or without any (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problem: Problem | null = null,
    /** Seconds after which a retry makes sense. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The stable code: the last segment of the problem's type. */
  get code(): string {
    return this.problem?.type.split('/').at(-1) ?? '';
  }

  /** Whether no answer came: the service is down, or the network is. */
  get isOffline(): boolean {
    return this.status === 0;
  }

  /** What is wrong with a field of the form, if the API said so. */
  fault(field: string): string | undefined {
    const found = this.problem?.errors?.find((error) => error.field === field);
    return found && `${found.message.charAt(0).toUpperCase()}${found.message.slice(1)}.`;
  }
}

/** No answer came. */
export function offline(): ApiError {
  return new ApiError(0, 'The service does not answer. Check your connection, or wait until it is back.');
}

/** The error of an answer that is not a success. */
export async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after')) || null;
  const problem = await problemOf(response);
  const message = problem?.detail ?? `The service answered ${response.status} ${response.statusText}.`;
  return new ApiError(response.status, message, problem, retryAfter);
}

async function problemOf(response: Response): Promise<Problem | null> {
  if (!response.headers.get('content-type')?.includes('problem+json')) return null;
  try {
    return (await response.json()) as Problem;
  } catch {
    return null;
  }
}
