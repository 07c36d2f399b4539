import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { github } from 'projen';
import { isMap, Violation, violation } from './violation';
import { show } from '../../../validation/validation-error';
import { LOGIN_STEP } from '../jobs/steps';
import { WrittenStep } from '../workflows/written-workflow';

type Step = github.workflows.JobStep;

export const DONE = 'the jobs do what the delivery defines';
export const SIGNED_IN = 'the commands have the credentials of the environment\'s role, for as long as the job may take';
const SAME_RELEASE = 'breaks the guarantee that the release that is recorded is the one that is deployed';

/** Users may choose another version of an action. GitHub ignores the letter case of its name. */
export function actionOf(uses: unknown): unknown {
  return typeof uses === 'string' ? uses.split('@')[0].toLowerCase() : uses;
}

export function otherValue(key: string, name: string, ours: unknown): Violation {
  return violation(key, `has another ${show(name)}, which breaks the guarantee that ${DONE}`, `Put it back: ${name}: ${show(ours)}`);
}

/** The inputs of an action that change what is deployed. */
const ELSEWHERE: Record<string, readonly string[]> = {
  'actions/checkout': ['ref', 'repository', 'path', 'sparse-checkout', 'sparse-checkout-cone-mode', 'filter', 'clean', 'github-server-url'],
  'actions/upload-artifact': ['archive'],
  'actions/download-artifact': ['name', 'pattern', 'repository', 'run-id'],
  'aws-actions/configure-aws-credentials': [
    'audience', 'aws-access-key-id', 'aws-profile', 'aws-secret-access-key', 'aws-session-token', 'force-skip-oidc', 'output-credentials',
    'output-env-credentials', 'role-chaining', 'sts-endpoint', 'use-existing-credentials', 'web-identity-token-file',
  ],
};

/** What is checked out, or downloaded, must be what is deployed; and who signs in, the environment's role. */
export function brokenInputs({ id, uses, with: ours = {} }: Step, { with: now = {} }: WrittenStep): Violation | undefined {
  const written = Object.entries(isMap(now) ? now : {});
  const inputs = new Map(written.map(([name, value]) => [name.toLowerCase(), value]));
  const twice = written.find(([name], i) => written.slice(0, i).some(([other]) => other.toLowerCase() === name.toLowerCase()));
  if (twice) return violation('with', `has ${show(twice[0])} twice, in other letter case, and GitHub starts no workflow that has that`, 'Take one of them out');
  const lost = Object.keys(ours).find((name) => !isDeepStrictEqual(inputs.get(name), ours[name]));
  if (lost !== undefined) return otherValue('with', lost, ours[lost]);
  const days = inputs.get('retention-days');
  if (days !== undefined && id === 'upload' && !isLongEnough(days)) {
    return violation('with', `has retention-days ${show(days)}, which breaks the guarantee that a rollback finds the files of the last stable release`, `Set ${LEAST_DAYS} or more`);
  }
  const added = (ELSEWHERE[String(actionOf(uses))] ?? []).find((name) => inputs.has(name) && !(name in ours));
  if (added === undefined) return undefined;
  if (id === LOGIN_STEP) return violation('with', `says ${added}, which breaks the guarantee that ${SIGNED_IN}`, 'Sign in for something else in a step of your own, after the delivery\'s commands');
  return violation('with', `says ${added}, which ${SAME_RELEASE}`, 'Fetch the other one in a step of your own, with a path');
}

/** Stable may be as old as this when the next release is deployed: a week has a weekend, and a drill. */
const LEAST_DAYS = 7;

/** 0 is the repository's setting. */
function isLongEnough(days: unknown): boolean {
  return String(days) === '0' || Number(days) >= LEAST_DAYS;
}

/** Returns whether another step checks out over the work tree, or the runtime in it. */
export function checksOutOver({ uses, with: inputs }: WrittenStep): boolean {
  if (typeof uses !== 'string' || !/(^|\/)checkout@/i.test(uses)) return false;
  const path = Object.entries(isMap(inputs) ? inputs : {}).find(([name]) => name.toLowerCase() === 'path')?.[1];
  return isOver(String(path ?? '').trim().replace(WORK_TREE, './'));
}

const WORK_TREE = /^\$\{\{\s*github\s*(?:\.\s*workspace|\[\s*'workspace'\s*\])\s*\}\}/i;

/** Some file systems ignore letter case. The beginning of a folder's name that is not known could be anything. */
function isOver(written: string): boolean {
  const [first] = posix.normalize(written || '.').toLowerCase().split('/');
  return ['', '.', '..', '.projen'].includes(first) || first.startsWith('${{') || written.split('/').some((part) => part.startsWith('${{'));
}
