// Lints texts as if they stood in the files they name, with the project's own configuration. Reads
// [{ file, text }] as JSON from standard input, prints [[rule ids], …]. A process of its own, because ESLint's
// configuration is an ES module, which Jest does not load. The files are empty ones in a folder of their own: rules
// that know types would read all that the project's files import.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const ROOT = join(import.meta.dirname, '..', '..');

const texts = JSON.parse(await text(process.stdin));
const folder = mkdtempSync(join(tmpdir(), 'graphomat-lint-'));
try {
  copyFileSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const { file } of texts) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'export {};\n');
  }
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: join(ROOT, 'eslint.config.mjs'),
    overrideConfig: { languageOptions: { parserOptions: { tsconfigRootDir: folder } } },
  });
  const answers = [];
  for (const { file, text: code } of texts) {
    const [result] = await eslint.lintText(code, { filePath: file });
    answers.push(result.messages.map(({ ruleId, message }) => ruleId ?? `fault: ${message}`));
  }
  process.stdout.write(JSON.stringify(answers));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
