import { readFileSync } from 'node:fs';
import { Project, Task, TextFile, github, typescript } from 'projen';

const RUN_TASK = 'scripts/run-task.cjs';

export interface ShopProjectOptions {
  /**
   * What runs the tasks.
   *
   * @default - projen's task runner, which is committed: `npx projen` needs an install
   */
  readonly projenCommand?: string;
  /**
   * The folder to synthesize to.
   *
   * @default '.'
   */
  readonly outdir?: string;
}

/**
 * The shop: plain JavaScript without a dependency, so a plain project, with the tasks that people and deliveries run.
 */
export class ShopProject extends Project {
  constructor({ outdir, projenCommand = `node ${RUN_TASK}` }: ShopProjectOptions = {}) {
    super({ name: 'shop', outdir, projenCommand });
    new github.GitHub(this, { mergify: false, pullRequestLint: false });
    new typescript.ProjenrcTs(this);
    this.addTaskRunner();
    this.addShopTasks();
    this.gitignore.addPatterns('/dist/', '/node_modules/');
  }

  public override runTaskCommand(task: Task): string {
    return `${this.projenCommand} ${task.name}`;
  }

  private addShopTasks() {
    const tasks = {
      'bundle': 'Builds dist/: what is deployed, byte for byte, wherever it goes',
      'ship': 'Starts the release of dist/ in the slot $DELIVERY_SLOT (without one: in the idle slot, and live at once)',
      'switch-traffic': 'Users reach the slot $DELIVERY_SLOT from now on',
      'set-weight': 'The slot $DELIVERY_SLOT gets $DELIVERY_WEIGHT per cent of the requests, the other slot the rest',
      'start': 'Starts the router, and the release that was live when the machine was stopped',
      'stop': 'Stops the router and both slots',
    };
    for (const [name, description] of Object.entries(tasks)) {
      this.addTask(name, { description, execArgs: ['node', `tasks/${name}.js`] });
    }
  }

  /**
   * projen's own task runner (what `projen eject` writes) is committed with the shop: on a fresh machine its tasks need
   * node and the checkout, no install and no registry, and start in 0.2 s where `npx projen` takes a second.
   */
  private addTaskRunner() {
    const { version } = JSON.parse(readFileSync(require.resolve('projen/package.json'), 'utf8')) as { version: string };
    new TextFile(this, RUN_TASK, {
      marker: false,
      lines: [
        `if (process.argv[2] === '--version') { console.log('${version}'); process.exit(0); }`,
        'process.argv[2] ??= \'default\';',
        readFileSync(require.resolve('projen/lib/run-task.cjs'), 'utf8').replace(/^#!.*\n/, ''),
      ],
    });
  }
}
