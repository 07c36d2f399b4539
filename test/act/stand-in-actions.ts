import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { actionFor } from '../../tools/github-actions-emulator/actions';
import { ArtifactStore } from '../../tools/github-actions-emulator/artifact-store';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';

export interface StandInActionsOptions {
  /** A folder of the caller's, who also removes it. */
  readonly root: string;
  readonly repository: string;
  readonly repositoryName: string;
  readonly api: GithubStandIn;
}

/** What the action's process says of itself. */
interface Question {
  /** `actions/checkout` */
  readonly action: string;
  readonly inputs: Record<string, string>;
  readonly env: Record<string, string>;
}

interface ActionResult {
  readonly log: string[];
  readonly outputs: Record<string, string>;
  readonly failure?: string;
}

/**
 * The actions that the shop's workflow uses, small and on this machine, for an engine that loads actions from folders: each hands
 * its inputs to this process, which does what our executor's equivalent of that action does. So the engines differ in everything
 * but these.
 */
export class StandInActions {
  public static async start(options: StandInActionsOptions): Promise<StandInActions> {
    const actions = new StandInActions(options);
    await new Promise<void>((ready) => actions.server.listen(0, '127.0.0.1', ready));
    return actions;
  }

  private readonly server: Server;
  private readonly artifacts: ArtifactStore;

  private constructor(private readonly options: StandInActionsOptions) {
    this.artifacts = new ArtifactStore(join(options.root, 'artifacts'), options.api);
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** The folder of an action: what `uses: <action>@...` is to be replaced by. */
  public folderOf(action: string): string {
    const folder = join(this.options.root, 'actions', action.replace('/', '-'));
    const { port } = this.server.address() as AddressInfo;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'action.yml'), `name: stand-in for ${action}\ndescription: see stand-in-actions.ts\nruns: { using: node20, main: index.js }\n`);
    writeFileSync(join(folder, 'index.js'), `const [url, action] = ${JSON.stringify([`http://127.0.0.1:${port}/`, action])};\n${CLIENT}`);
    return folder;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end(JSON.stringify(await this.run(JSON.parse(Buffer.concat(chunks).toString()) as Question)));
  }

  private async run({ action, inputs, env }: Question): Promise<ActionResult> {
    const { api, repository, repositoryName } = this.options;
    const log: string[] = [];
    const outputs: Record<string, string> = {};
    const input = (name: string) => (inputs[name] ?? '').trim();
    try {
      await actionFor(action)!.run({
        workspace: env.GITHUB_WORKSPACE,
        env,
        repository,
        repositoryName,
        ref: env.GITHUB_REF,
        sha: env.GITHUB_SHA,
        runId: Number(env.GITHUB_RUN_ID),
        attempt: Number(env.GITHUB_RUN_ATTEMPT),
        token: input('token'),
        apiUrl: api.url,
        artifacts: this.artifacts,
        signal: new AbortController().signal,
        input,
        log: (line) => log.push(line),
        warn: (message) => log.push(message),
        setOutput: (name, value) => { outputs[name] = value; },
        // no job here signs in, and none adds programs
        subject: '',
        hasIdToken: false,
        awsRoles: {},
        setEnv: (name) => { throw new Error(`no job needs the variable ${name}`); },
        mask: () => undefined,
        addPath: (folder) => { throw new Error(`no job needs ${folder} in the PATH`); },
      });
      return { log, outputs };
    } catch (error) {
      return { log, outputs, failure: (error as Error).message };
    }
  }
}

/** In the action's own process. Inputs come as INPUT_<NAME>, in upper case. */
const CLIENT = `
const { appendFileSync } = require('node:fs');
const inputs = Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => name.startsWith('INPUT_'))
  .map(([name, value]) => [name.slice(6).toLowerCase(), value]));
fetch(url, { method: 'POST', body: JSON.stringify({ action, inputs, env: process.env }) })
  .then((response) => response.json())
  .then(({ log, outputs, failure }) => {
    for (const line of log) console.log(line);
    for (const [name, value] of Object.entries(outputs)) appendFileSync(process.env.GITHUB_OUTPUT, name + '=' + value + '\\n');
    if (failure) {
      console.log('::error::' + failure);
      process.exitCode = 1;
    }
  });
`;
