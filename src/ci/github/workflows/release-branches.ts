import { github, release } from 'projen';
import { TriggerManifest } from '../../../contract/manifest';
import { Environment } from '../../../delivery/environment';
import { didYouMean, invalid, show } from '../../../validation/validation-error';

/** A release branch, as projen stores it. */
export interface ReleaseBranch {
  readonly name: string;
  readonly majorVersion?: number;
  readonly minorVersion?: number;
  readonly minMajorVersion?: number;
  /** The suffix of its versions: `beta` for `1.2.3-beta.0`. */
  readonly prerelease?: string;
  readonly tagPrefix?: string;
  readonly workflow?: github.GithubWorkflow;
}

/** Returns the release branches so far; more may be added. */
export function branchesOf(found: release.Release): readonly ReleaseBranch[] {
  // private in projen
  const { _branches: branches = [] } = found as unknown as { readonly _branches?: readonly ReleaseBranch[] };
  return branches;
}

/** Returns whether a trigger deploys the releases of a branch. */
export function takesFrom(trigger: TriggerManifest, { name }: ReleaseBranch): boolean {
  return trigger.kind === 'release' && (trigger.branches?.includes(name) ?? true);
}

/** Rejects an environment that would get releases of unintended branches. Call it again when branches are added. */
export function checkReleaseBranches({ name, trigger }: Environment, branches: readonly ReleaseBranch[]): void {
  if (trigger.kind !== 'release') return;
  const option = `environment ${show(name)} trigger`;
  if (trigger.branches === undefined && branches.length > 1) {
    const [first] = branches.filter(({ prerelease }) => !prerelease).concat(branches);
    invalid(option, `the project is released from ${branches.length} branches (${listed(branches)}), and the releases of each would go to ${show(name)}`,
      `Name the branches that are meant: Trigger.release({ branches: [${show(first.name)}] })`);
  }
  const prerelease = branches.find((branch) => branch.prerelease && takesFrom(trigger, branch));
  if (!prerelease || trigger.prereleases) return;
  const named = trigger.branches === undefined ? '' : `branches: [${trigger.branches.map(show).join(', ')}], `;
  invalid(option, `the branch ${show(prerelease.name)} releases prereleases (${show(prerelease.prerelease)})`,
    `Use Trigger.release({ ${named}prereleases: true }) if they are meant for ${show(name)}${named === '' ? '' : ', or leave the branch out'}`);
}

/** Rejects a branch that is not a release branch. Call it when all branches are added. */
export function checkKnownBranches({ name, trigger }: Environment, branches: readonly ReleaseBranch[]): void {
  if (trigger.kind !== 'release') return;
  const names = branches.map((branch) => branch.name);
  const unknown = trigger.branches?.find((branch) => !names.includes(branch));
  if (unknown === undefined) return;
  invalid(`environment ${show(name)} trigger branches`, `the project is not released from a branch ${show(unknown)}`,
    `${didYouMean(unknown, names) ?? 'Add it to releaseBranches in the project\'s options, or name another one.'} There is: ${listed(branches)}`);
}

function listed(branches: readonly ReleaseBranch[]): string {
  return branches.map(({ name, prerelease }) => `${show(name)}${prerelease ? ' for prereleases' : ''}`).join(', ');
}
