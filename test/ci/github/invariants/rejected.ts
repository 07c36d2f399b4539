import { existsSync } from 'node:fs';
import { Project } from 'projen';
import { changed, WAYS } from './ways';
import { everything, Document, Which } from './weakened-delivery';
import { Edit } from './weakenings';
import { ValidationError } from '../../../../src/validation/validation-error';
import { plainProject } from '../../../test-project';

/** A change, and a way to make it. */
export type Candidate = readonly [edit: Edit, way: string];

/** What became of a change. */
export interface Outcome {
  readonly edit: Edit;
  readonly way: string;
  /** For people. */
  readonly what: string;
  readonly said: string;
}

/** Makes the first change that can be made in its way, and returns the message of synthesis. */
export function outcomeOf(candidates: Iterable<Candidate>, written: Readonly<Record<Which, Document>>): Outcome | undefined {
  // the proof decides by outcomes, as test/tools/model-checker/proof-mutants.ci.ts shows; here conditions are compared
  const delivery = everything(plainProject(), { proof: false });
  for (const [edit, way] of candidates) {
    if (!WAYS[way](delivery, changed(edit, written[edit.which]))) continue;
    const what = `${edit.which} ${edit.path.join('.')} ${edit.isAdded ? '+=' : '='} ${JSON.stringify(edit.value)} by ${way}`;
    return { edit, way, what, said: saidTo(delivery.project, delivery[edit.which]!.file!.absolutePath) };
  }
  return undefined;
}

/** The message of synthesis, with what comes behind one: of a plain project that installs nothing. */
export function saidTo(project: Project, file: string): string {
  const before = process.env.PROJEN_DISABLE_POST;
  delete process.env.PROJEN_DISABLE_POST;
  try {
    project.synth();
    return 'nothing';
  } catch (error) {
    if (!(error instanceof ValidationError)) return `no refusal, but ${String(error)}`;
    return existsSync(file) && !/needs/.test(error.message) ? `the file is left, and ${error.message}` : error.message;
  } finally {
    if (before !== undefined) process.env.PROJEN_DISABLE_POST = before;
  }
}

/** Whether the change is refused, with the job and the key, or with what stands above the jobs. */
export function isRejected({ path: [top, id] }: Edit, said: string): boolean {
  if (said === 'nothing' || said.startsWith('no refusal')) return false;
  return top === 'jobs' ? said.includes(String(id)) : true;
}

