/**
 * `ts-node -T test/validators/cli.ts lint <files...>`: prints what the validators have against workflows, exit 1 if anything.
 */
import { readFileSync } from 'node:fs';
import { show } from './finding';
import { validate } from './validate';

async function main([command, ...files]: string[]): Promise<number> {
  if (command !== 'lint' || files.length === 0) {
    process.stderr.write('usage: ts-node -T test/validators/cli.ts lint <workflow files...>\n');
    return 2;
  }
  let count = 0;
  for (const file of files) {
    const findings = await validate(readFileSync(file, 'utf8'), file);
    for (const finding of findings) process.stdout.write(`${file}: ${show(finding)}\n`);
    count += findings.length;
  }
  process.stdout.write(`${files.length} workflows, ${count} findings\n`);
  return count === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 2;
});
