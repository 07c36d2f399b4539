import { spawnSync } from 'node:child_process';
import { RuntimeContext } from '../context';
import { LedgerError } from '../ledger/ledger';
import { isObject, isText } from '../ledger/record';

/** When a commit was made, in milliseconds since the epoch; undefined where neither GitHub nor this checkout knows it. Asked once for each. */
export function commitTimes(context: Pick<RuntimeContext, 'api' | 'root'>): (sha: string) => Promise<number | undefined> {
  const known = new Map<string, Promise<number | undefined>>();
  return (sha) => {
    const time = known.get(sha) ?? commitTime(context, sha);
    known.set(sha, time);
    return time;
  };
}

function isCommit(answer: unknown): answer is { readonly committer: { readonly date: string } } {
  return isObject(answer) && isObject(answer.committer) && isText(answer.committer.date);
}

async function commitTime({ api, root }: Pick<RuntimeContext, 'api' | 'root'>, sha: string): Promise<number | undefined> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return undefined;
  const github = api();
  if (!github) {
    const { status, stdout } = spawnSync('git', ['show', '--no-patch', '--format=%ct', sha], { cwd: root, encoding: 'utf8' });
    return status === 0 ? Number(stdout.trim()) * 1000 : undefined;
  }
  try {
    const { data } = await github.request<{ readonly committer: { readonly date: string } }>({
      what: `say when ${sha} was made`,
      route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
      permission: 'contents: read',
      parameters: { commit_sha: sha },
      isAnswer: isCommit,
      patienceMs: 10_000,
    });
    return Date.parse(data.committer.date);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return undefined;
  }
}
