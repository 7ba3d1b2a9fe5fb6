// Lints texts as if they stood in the files they name, with the project's own configuration. Reads
// [{ file, text }] as JSON from standard input, prints [[rule ids], …]. A process of its own, because ESLint's
// configuration is an ES module, which Jest does not load.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const eslint = new ESLint();
const answers = [];
for (const { file, text: code } of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: file });
  answers.push(result.messages.map(({ ruleId, message }) => ruleId ?? `fault: ${message}`));
}
process.stdout.write(JSON.stringify(answers));
