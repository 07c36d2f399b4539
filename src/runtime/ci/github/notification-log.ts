import type { GithubApi } from './api';
import type { LedgerRecord } from '../../ledger/ledger';
import { isNumber, isObject, isText } from '../../ledger/record';
import { NotificationMark, NotificationLog } from '../../notifications/notification-log';

const BOT = 'github-actions[bot]';

interface Status {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly log_url: string;
  readonly environment_url: string;
}

/**
 * A mark is a status of the deployment, like its last one but for the link, which says who told whom. So nobody who looks at the
 * deployment sees a difference, and no history does: nothing counts after a final state.
 */
export class GithubNotificationLog implements NotificationLog {
  /** @param serverUrl for links to runs */
  constructor(private readonly api: GithubApi, private readonly serverUrl = 'https://github.com') {}

  public async of(record: LedgerRecord): Promise<NotificationMark[]> {
    return (await this.statuses(record)).map(readMark).filter((mark) => mark !== undefined);
  }

  public async add(record: LedgerRecord, mark: NotificationMark): Promise<void> {
    const last = (await this.statuses(record)).filter((status) => !readMark(status)).at(-1);
    if (!last) throw new Error(`deployment ${record.id} has no state to mark`);
    await this.api.request({
      what: `note who was told of deployment ${record.id}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: {
        deployment_id: Number(record.id),
        state: last.state,
        description: last.description,
        log_url: this.spell(mark),
        ...(last.environment_url && { environment_url: last.environment_url }),
        auto_inactive: false,
      },
      isAnswer: isObject,
      patienceMs: 10_000,
    });
  }

  private async statuses(record: LedgerRecord): Promise<Status[]> {
    const all = await this.api.pages({
      what: `list what became of deployment ${record.id}`,
      route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: read',
      parameters: { deployment_id: Number(record.id) },
      isAnswer: (data): data is unknown[] => Array.isArray(data),
    });
    return all.filter(isOurs).sort((a, b) => a.id - b.id);
  }

  private spell({ processId, told }: NotificationMark): string {
    const [run, attempt, process] = processId.split('.');
    return `${this.serverUrl}/${this.api.repository}/actions/runs/${run}/attempts/${attempt}#${process},told=${told.join('.')}`;
  }
}

function readMark({ log_url: url }: Status): NotificationMark | undefined {
  const [, run, attempt, process, told] = /\/actions\/runs\/(\d+)\/attempts\/(\d+)#(\w*),told=([\w.]*)$/.exec(url) ?? [];
  return run === undefined ? undefined : { processId: `${run}.${attempt}.${process}`, told: told.split('.').filter((channel) => channel !== '') };
}

function isOurs(item: unknown): item is Status {
  return isObject(item) && isNumber(item.id) && isText(item.state) && isText(item.description) && isText(item.log_url)
    && isObject(item.creator) && item.creator.login === BOT;
}
