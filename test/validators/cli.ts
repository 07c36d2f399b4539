/**
 * `ts-node -T test/validators/cli.ts lint <files...>`: prints what the validators have against workflows, exit 1 if anything.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { show } from './finding';
import { validate, validateJoined } from './validate';
import { isOurJob, isOurWorkflow, parseWorkflow } from './workflow';

async function main([command, ...files]: string[]): Promise<number> {
  if (command !== 'lint' || files.length === 0) {
    process.stderr.write('usage: ts-node -T test/validators/cli.ts lint <workflow files...>\n');
    return 2;
  }
  let count = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const isJoined = !isOurWorkflow(basename(file)) && Object.entries(parseWorkflow(text).jobs).some(([id, job]) => isOurJob(id, job));
    const findings = await (isJoined ? validateJoined : validate)(text, file);
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
