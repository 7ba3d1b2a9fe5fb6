import { ESLintUtils } from '@typescript-eslint/utils';
import ts from 'typescript';

/**
 * Refuses writing to, and reading from, an object by a key that may be any text: `table[name] = …` with the name
 * `__proto__` reaches `Object.prototype`, which every other request uses too, and `table[name]` with the name
 * `constructor` finds a function. A Map has only the keys that were set. `Object.fromEntries`, `Object.entries` and
 * `Object.hasOwn` are safe, and so are keys of a union of literals. Needs type information.
 */
export const openKeys = ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      write: 'A key that may be any text reaches Object.prototype when it is `__proto__`; use a Map.',
      read: 'A key that may be any text finds members of Object.prototype; use a Map, or ownMember().',
    },
  },
  defaultOptions: [],
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const checker = services.program.getTypeChecker();
    return {
      'MemberExpression[computed=true]'(node) {
        if (!isOpenText(services.getTypeAtLocation(node.property))) return;
        if (!isPlainObject(checker, services.getTypeAtLocation(node.object))) return;
        context.report({ node, messageId: isWritten(node) ? 'write' : 'read' });
      },
    };
  },
});

function isOpenText(type) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => (part.flags & (ts.TypeFlags.String | ts.TypeFlags.Any)) !== 0);
}

/** Objects whose members are named by text: with an index signature for strings, or of no known type. */
function isPlainObject(checker, type) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some(
    (part) =>
      (part.flags & ts.TypeFlags.Any) !== 0 ||
      checker.getIndexInfoOfType(part, ts.IndexKind.String) !== undefined,
  );
}

function isWritten(node) {
  const { parent } = node;
  if (parent.type === 'AssignmentExpression') return parent.left === node;
  return (
    parent.type === 'UpdateExpression' || (parent.type === 'UnaryExpression' && parent.operator === 'delete')
  );
}
