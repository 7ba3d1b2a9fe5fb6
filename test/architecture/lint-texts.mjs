// Lints texts as if they stood in the files they name, with the project's own configurations of both linters. Reads
// [{ file, text }] as JSON from standard input, prints [[rule ids], …]. A process of its own, because ESLint's
// configuration is an ES module, which Jest does not load. Each text is linted in a folder of its own: rules that know
// types would read all that the project's files import.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const ROOT = join(import.meta.dirname, '..', '..');
const OXLINT = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');

async function withEslint(texts) {
  const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: join(ROOT, 'eslint.config.mjs') });
  const answers = [];
  for (const { file, text: code } of texts) {
    const [result] = await eslint.lintText(code, { filePath: join(ROOT, file) });
    answers.push(result.messages.map(({ ruleId, message }) => ruleId ?? `fault: ${message}`));
  }
  return answers;
}

/** Puts each text into a file of its own, in the folder that it names: oxlint reads files only. */
async function withOxlint(texts) {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-lint-'));
  try {
    for (const name of ['tsconfig.json', '.oxlintrc.json'])
      copyFileSync(join(ROOT, name), join(folder, name));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = texts.map(({ file }, index) => `${dirname(file)}/planted-${index}.ts`);
    for (const [index, file] of files.entries()) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), texts[index].text);
    }
    const args = [OXLINT, '--type-aware', '--format', 'json', ...files];
    const { stdout } = await new Promise((resolve, reject) => {
      // Exit code 1 says that there are findings.
      execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, out) =>
        error && error.code !== 1 ? reject(error) : resolve({ stdout: out }),
      );
    });
    const { diagnostics } = JSON.parse(stdout);
    return files.map((file) => diagnostics.filter(({ filename }) => filename === file).map(nameOf));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `typescript(no-floating-promises)`, as the configuration calls it. */
const nameOf = ({ code, message }) => code?.replace(/^(\w+)\((.+)\)$/, '$1/$2') ?? `fault: ${message}`;

const texts = JSON.parse(await text(process.stdin));
const [own, typed] = await Promise.all([withEslint(texts), withOxlint(texts)]);
process.stdout.write(JSON.stringify(texts.map((_, index) => [...own[index], ...typed[index]])));
