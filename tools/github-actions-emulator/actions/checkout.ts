import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Action, ActionContext, ActionFailed } from './action';
import { command } from './command';

/** actions/checkout, with real git from the repository on this machine. */
export const checkout: Action = {
  inputs: {
    'ref': true,
    'path': true,
    'fetch-depth': true,
    'fetch-tags': true,
    'sparse-checkout': true,
    'sparse-checkout-cone-mode': true,
    'persist-credentials': true,
    'repository': true,
    'token': false,
    'clean': false,
    'show-progress': false,
    'lfs': false,
    'submodules': false,
  },
  async run(context) {
    if (!['', context.repositoryName].includes(context.input('repository'))) throw new ActionFailed('the executor checks out no other repository');
    const folder = join(context.workspace, context.input('path'));
    const git = (...argv: string[]) => command(context, folder, 'git', ...argv);
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });

    // as few processes as possible: every job of every run checks out
    await git('init', '--quiet', '--template=', '--initial-branch=main');
    appendFileSync(join(folder, '.git', 'config'), configuration(context));
    const target = await fetched(context, git);
    await sparse(context, git);
    await git('checkout', '--quiet', '--force', ...target);
    context.setOutput('commit', wanted(context).sha ?? await git('rev-parse', 'HEAD'));
  },
};

/** The remote, and the credentials unless they are not to stay. */
function configuration({ input, token, repository }: ActionContext): string {
  const basic = Buffer.from(`x-access-token:${input('token') || token}`).toString('base64');
  const remote = `[remote "origin"]\n\turl = ${pathToFileURL(repository).href}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  const credentials = `[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${basic}\n`;
  return input('persist-credentials') === 'false' ? remote : remote + credentials;
}

type Git = (...argv: string[]) => Promise<string>;

/** Fetches what is asked for, one commit without history by default; the arguments of `git checkout` that reach it. */
async function fetched(context: ActionContext, git: Git): Promise<string[]> {
  const { ref, sha } = wanted(context);
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  const source = sha ?? ref;
  const here = branch ? `refs/remotes/origin/${branch}` : tag ? ref : 'refs/remotes/origin/commit';
  const depth = Number(context.input('fetch-depth') || '1');
  const everything = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  if (depth === 0) await git('fetch', '--quiet', '--no-tags', 'origin', ...everything);
  const tags = context.input('fetch-tags') === 'true' ? [everything[1]] : [];
  await git('fetch', '--quiet', '--no-tags', ...(depth > 0 ? [`--depth=${depth}`] : []), 'origin', `+${source}:${here}`, ...tags);
  return branch ? ['-B', branch, here] : ['--detach', here];
}

/** By default the commit that started the run, on the branch or tag that did. */
function wanted({ input, ref, sha }: ActionContext): { ref: string; sha?: string } {
  const requestedRef = input('ref');
  if (requestedRef === '' || requestedRef === ref) return { ref, sha };
  if (/^[0-9a-f]{40}$/.test(requestedRef)) return { ref: '', sha: requestedRef };
  return { ref: requestedRef.startsWith('refs/') ? requestedRef : `refs/heads/${requestedRef}` };
}

/** In cone mode the files at the top come along, and the folders that are named. */
async function sparse({ input }: ActionContext, git: Git): Promise<void> {
  const patterns = input('sparse-checkout').split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (patterns.length === 0) return;
  await git('sparse-checkout', 'set', input('sparse-checkout-cone-mode') === 'false' ? '--no-cone' : '--cone', ...patterns);
}
