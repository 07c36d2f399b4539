import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Finding } from './finding';
import { parseWorkflow, stepsOf } from './workflow';

/** ShellCheck on every `run`. */
export async function shell(text: string): Promise<Finding[]> {
  const scripts = stepsOf(parseWorkflow(text))
    .filter(({ step, job }) => step.run !== undefined && /^(bash|sh)\b/.test(step.shell ?? job.defaults?.run?.shell ?? 'bash'))
    .map(({ step, where }) => ({ where, shell: 'bash', run: withoutExpressions(step.run!) }))
    // jobs share their set-up
    .filter((script, i, all) => all.findIndex(({ run }) => run === script.run) === i);
  const answer = execFileSync(process.execPath, [join(__dirname, 'shellcheck.mjs')], { input: JSON.stringify(scripts), encoding: 'utf8' });
  return (JSON.parse(answer) as Omit<Finding, 'validator'>[]).map((finding) => ({ validator: 'shellcheck', ...finding }));
}

/** GitHub replaces them before bash sees the text; that they are there at all is another validator's matter. */
function withoutExpressions(run: string): string {
  return run.replace(/\$\{\{.*?\}\}/gs, 'expression');
}
