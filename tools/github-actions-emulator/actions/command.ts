import { execFile } from 'node:child_process';
import { ActionContext, ActionFailed } from './action';

/** Runs a program for an action; what it printed. */
export function command(context: ActionContext, cwd: string, file: string, ...argv: string[]): Promise<string> {
  return new Promise((resolve, fail) => {
    execFile(file, argv, { cwd, env: context.env, signal: context.signal, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error) fail(new ActionFailed(`${file} ${argv.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve(stdout.trim());
    });
  });
}
