import { textAt } from '../domain/json-slices';
import { PushConflictError, PushRefusedError } from './connector-errors';
import { printableReason, type JsonResponse } from './tool-client';

/** The reason in a tool's answer: `message`, `detail` or `error`, else its status. */
export function reasonIn({ isJson, body, status }: JsonResponse): string {
  const texts = isJson ? ['/message', '/detail', '/error'].map((pointer) => textAt(body, pointer)) : [];
  return printableReason(texts.find((text) => text) ?? `status ${status}`);
}

/** Throws what an answer that is no 2xx means for a push. `conflicts`: the statuses of a state that has changed. */
export function requirePushed(tool: string, answer: JsonResponse, conflicts: readonly number[] = []): void {
  if (answer.status < 300) return;
  if (conflicts.includes(answer.status))
    throw new PushConflictError(`${tool} has another state now: ${reasonIn(answer)}`);
  throw new PushRefusedError(`${tool} refuses the graph: ${reasonIn(answer)}`);
}
