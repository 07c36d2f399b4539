import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from 'projen';
import { isGenerated } from '../../../files/generated-file';
import { invalid, show } from '../../../validation/validation-error';

const FOLDER = '.github/workflows';

/** Throws `ValidationError` if the workflow `name` exists and projen does not write it. */
export function rejectHandWritten(option: string, { root }: Project, name: string): void {
  const folder = join(root.outdir, FOLDER);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /\.ya?ml$/.test(file)) : [];
  const found = files.find((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return !isGenerated(text) && (file === name || withoutExtension(file) === name || nameIn(text) === name);
  });
  if (found === undefined) return;
  invalid(option, `${FOLDER}/${found} was written by hand, and only workflows that projen writes can be joined`,
    `Write it with projen: new github.GithubWorkflow(github.GitHub.of(project), ${show(withoutExtension(name))}); or leave workflow out: the delivery then has a workflow of its own`);
}

function withoutExtension(file: string): string {
  return file.replace(/\.ya?ml$/, '');
}

/** Returns the name in a workflow's file, if it is on one line. */
function nameIn(text: string): string | undefined {
  const [, double, single, plain] = /^name: *(?:"([^"\n]*)"|'([^'\n]*)'|([^#\n]*?)) *(?:#.*)?\r?$/m.exec(text) ?? [];
  return double ?? single ?? plain;
}
