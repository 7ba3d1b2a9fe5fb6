import { join, relative } from 'node:path';
import ts from 'typescript';

/** An access to an object by a key that may be any text. */
export interface OpenKey {
  /** Relative to the folder, with `/`. */
  file: string;
  line: number;
  access: 'read' | 'write';
}

/**
 * Finds what writes to, or reads from, an object by a key that may be any text: `table[name] = …` with the name
 * `__proto__` reaches `Object.prototype`, which every other request uses too, and `table[name]` with the name
 * `constructor` finds a function. A Map has only the keys that were set. `Object.fromEntries`, `Object.entries` and
 * `Object.hasOwn` are safe, and so are keys of a union of literals. Files of `planted` are read from there (path below
 * `root`: text), the others from the folder.
 */
export function openKeysIn(root: string, files: string[], planted = new Map<string, string>()): OpenKey[] {
  const program = programOf(root, [...files, ...planted.keys()], planted);
  const checker = program.getTypeChecker();
  const found: OpenKey[] = [];
  for (const file of [...files, ...planted.keys()]) {
    const source = program.getSourceFile(join(root, file))!;
    const visit = (node: ts.Node): void => {
      if (ts.isElementAccessExpression(node) && isOpen(checker, node)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
        found.push({ file, line, access: isWritten(node) ? 'write' : 'read' });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function programOf(root: string, files: string[], planted: Map<string, string>): ts.Program {
  const { sys } = ts;
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, sys, root);
  const host = ts.createCompilerHost(options);
  const textOf = (path: string) => planted.get(relative(root, path));
  host.fileExists = (path) => textOf(path) !== undefined || sys.fileExists(path);
  host.readFile = (path) => textOf(path) ?? sys.readFile(path);
  return ts.createProgram(
    files.map((file) => join(root, file)),
    { ...options, noEmit: true },
    host,
  );
}

function isOpen(checker: ts.TypeChecker, node: ts.ElementAccessExpression): boolean {
  const key = checker.getTypeAtLocation(node.argumentExpression);
  return isOpenText(key) && isPlainObject(checker, checker.getTypeAtLocation(node.expression));
}

const partsOf = (type: ts.Type) => (type.isUnion() ? type.types : [type]);

function isOpenText(type: ts.Type): boolean {
  return partsOf(type).some(({ flags }) => (flags & (ts.TypeFlags.String | ts.TypeFlags.Any)) !== 0);
}

/** Objects whose members are named by text: with an index signature for strings, or of no known type. */
function isPlainObject(checker: ts.TypeChecker, type: ts.Type): boolean {
  return partsOf(type).some(
    (part) =>
      (part.flags & ts.TypeFlags.Any) !== 0 ||
      checker.getIndexInfoOfType(part, ts.IndexKind.String) !== undefined,
  );
}

function isWritten(node: ts.ElementAccessExpression): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.left === node) {
    const { kind } = parent.operatorToken;
    return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  }
  return (
    ts.isDeleteExpression(parent) || ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)
  );
}
