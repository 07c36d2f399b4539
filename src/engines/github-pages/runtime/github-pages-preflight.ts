import { adoptedName, liveAt, namesOf, RELEASES } from './github-pages-steps';
import { CiPages } from '../../../runtime/ci/pages';
import { Ref } from '../../../runtime/ci/trigger-match';
import { Release } from '../../../runtime/release';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { GithubPagesDriverManifest } from '../manifest';

export interface GithubPagesPreflight {
  readonly pages: CiPages;
  /** Calls GitHub. Rejects with `EngineError`. */
  readonly engine: <T>(call: () => Promise<T>) => Promise<T>;
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  readonly intent: Intent;
  /** What the run was started for. */
  readonly ref?: Ref;
  readonly settings: GithubPagesDriverManifest;
}

/** Of a project, or of one of its subprojects. */
const MANIFEST = /^\.projen\/delivery(?:-[^/]*)?\.json$/;
const TOKEN = 'Give the job the permissions contents: write and pages: write, see docs/targets/github-pages.md';

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightGithubPages({ engine, environment, giveUpAt, intent, pages, ref, settings }: GithubPagesPreflight): Promise<void> {
  const { branch } = settings;
  const check = new PreflightCheck(environment, 'Target.githubPages', { signedOut: TOKEN, accessDenied: TOKEN, notFound: TOKEN, cliMissing: 'Install git in setupSteps' });
  const setUp = `Set "Deploy from a branch", ${branch} and / (root) at ${pages.settingsUrl}`;
  const site = await check.fixed(engine(() => pages.site()));
  if (!site) return check.refuse('GitHub Pages is not enabled for the repository', `${setUp}; docs/targets/github-pages.md says how to make the branch`);
  if (site.branch === undefined) check.refuse('GitHub Pages is set to be published by a workflow, so no branch says which release is live', setUp);
  if (site.branch !== branch) check.refuse(`branch: GitHub Pages serves the branch ${site.branch}, not ${branch}`, setUp);
  if (site.path !== '/') check.refuse(`GitHub Pages serves the folder ${site.path} of the branch, and a release is the whole branch`, setUp);
  const { defaultBranch, refs } = await check.fixed(engine(() => pages.open(branch, giveUpAt, async (repository) => {
    await repository.checkWrite();
    return { defaultBranch: await repository.defaultBranch(), refs: await repository.refs([`refs/heads/${branch}`, `${RELEASES}*`]) };
  })));
  const separate = 'Make a branch for the site alone, see docs/targets/github-pages.md, and name it in Target.githubPages branch';
  if (ref?.type === 'branch' && ref.name === branch) check.refuse(`branch: the run was started for ${branch}, and each release replaces all files of the branch`, separate);
  if (defaultBranch === branch) check.refuse(`branch: ${branch} is the default branch of the repository, and each release replaces all its files`, separate);
  if (intent.kind !== 'rollback') {
    const source = await check.fixed(engine(() => sourceOn(pages, branch, giveUpAt)));
    if (source !== undefined) check.refuse(`branch: ${branch} holds ${source}, so it is a branch of source code, and each release replaces all its files`, separate);
  }
  await check.restorable(intent, async (needed) => problemOf(needed, refs, branch));
}

/** The manifest of a delivery that someone else put on the branch: no site has one. */
async function sourceOn(pages: CiPages, branch: string, giveUpAt: number): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const head = (await pages.commits(branch, giveUpAt, [ref])).get(ref);
  if (head === undefined || liveAt(head).name !== adoptedName(head.id)) return undefined;
  return (await pages.pathsIn(branch, giveUpAt, '.projen')).find((path) => MANIFEST.test(path));
}

function problemOf(needed: Release, refs: ReadonlyMap<string, string>, branch: string): string | undefined {
  const stored = [...refs.keys()].filter((ref) => ref.startsWith(RELEASES)).map((ref) => ref.slice(RELEASES.length));
  // what someone else put on the branch gets its reference with the first move
  if (needed.engineId !== undefined && needed.engineId === refs.get(`refs/heads/${branch}`)) return undefined;
  if (namesOf(needed, stored).some((name) => stored.includes(name))) return undefined;
  return `the repository has no reference below ${RELEASES} with the site of ${needed.version} (${needed.sha.slice(0, 7)})`;
}
