/**
 * `ts-node -T test/docs/run-page.ts <page> <section or ''> <packed tarball> [beginning]`: executes a page as a reader would, in an empty folder. Writes its
 * files, runs its commands, and compares what they print with what the page shows. Only the package's name in `npm install` is replaced by
 * the tarball, because nothing is published yet. Exit code 1 if the page and reality differ.
 *
 * `beginning` is a folder for the first commands of the page, and what they left. Where it is not there, only these are executed, and it is made. A page
 * that begins with the same commands goes on from there.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Block, blocksOf, CommandBlock, differenceOf } from './page';

/** A port that a page names. */
const PORT = /\b400\d\b/g;

/** A laptop's: a person who has a name for git, answers yes to npm, and is in no CI. */
const ENVIRONMENT = {
  ...Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS', 'npm_config_registry'].map((name) => [name, process.env[name]])),
  LANG: 'C.UTF-8',
  GIT_AUTHOR_NAME: 'reader',
  GIT_AUTHOR_EMAIL: 'reader@example.com',
  GIT_COMMITTER_NAME: 'reader',
  GIT_COMMITTER_EMAIL: 'reader@example.com',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'init.defaultBranch',
  GIT_CONFIG_VALUE_0: 'main',
  npm_config_yes: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

interface Result {
  readonly output: string;
  readonly exitCode: number | null;
}

/** What a folder with the first commands has: a Beginning. */
const BEGUN = 'begun.json';

/** The first commands of a page, executed. */
interface Beginning {
  readonly commands: string;
  /** The folder where they ended, in the reader's. */
  readonly where: string;
  readonly result: Result;
}

class Reader {
  private folder: string;

  constructor(private readonly root: string, private readonly tarball: string) {
    this.folder = root;
  }

  /** What is wrong with the page; undefined if it is as it says. `last` is of the commands before. */
  public async read(blocks: readonly Block[], last: Result = { output: '', exitCode: 0 }): Promise<string | undefined> {
    for (const block of blocks) {
      if (block.kind === 'file') {
        this.write(block.path, block.text);
      } else if (block.kind === 'output') {
        const line = differenceOf(block.text, last.output);
        if (line !== undefined) return `line ${block.line}: the output has no line\n${line}\nwhere the page shows it. It is:\n${last.output}`;
      } else if (block.isBackground) {
        this.start(block);
      } else {
        last = await this.run(block);
        if (last.exitCode !== block.exitCode) return `line ${block.line}: exit code ${last.exitCode} instead of ${block.exitCode}`;
      }
    }
    return undefined;
  }

  /** Keeps what the commands left. */
  public async begin(first: CommandBlock, beginning: string): Promise<string | undefined> {
    const result = await this.run(first);
    if (result.exitCode !== first.exitCode) return `line ${first.line}: exit code ${result.exitCode} instead of ${first.exitCode}`;
    const begun: Beginning = { commands: first.text, where: relative(this.root, this.folder), result };
    execFileSync('cp', ['--archive', this.root, join(beginning, 'folder')]);
    writeFileSync(join(beginning, BEGUN), JSON.stringify(begun));
    return undefined;
  }

  /** Goes on from there. */
  public goOn({ commands, where, result }: Beginning, beginning: string): Result {
    process.stdout.write(`\n$ ${commands.trimEnd().replaceAll('\n', '\n$ ')}\n(as they were executed before)\n`);
    execFileSync('cp', ['--archive', `${beginning}/folder/.`, this.root]);
    this.folder = join(this.root, where);
    return result;
  }

  private write(path: string, text: string): void {
    process.stdout.write(`\n+ ${path}\n`);
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** The second terminal; `cleanUp` ends it. */
  private start({ text }: CommandBlock): void {
    process.stdout.write(`\n& ${text}`);
    spawn('bash', ['-c', text], { cwd: this.folder, env: ENVIRONMENT, stdio: 'ignore', detached: true }).unref();
  }

  private run({ text }: CommandBlock): Promise<Result> {
    process.stdout.write(`\n$ ${text.trimEnd().replaceAll('\n', '\n$ ')}\n`);
    const commands = text.replace(/^(npm install .*)\bprojen-delivery$/gm, (_, install: string) => install + this.tarball);
    // the terminal stays where `cd` went
    const where = join(this.root, '.where');
    const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', `trap 'pwd > "${where}"' EXIT\n${commands}`], { cwd: this.folder, env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        process.stdout.write(chunk);
      });
    }
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => {
        this.folder = readFileSync(where, 'utf8').trim();
        resolve({ output, exitCode });
      });
    });
  }

  /** Ends what the page left running: whatever works in the folder. */
  public cleanUp(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      if (workingDirectoryOf(pid)?.startsWith(this.root)) process.kill(Number(pid), 'SIGKILL');
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Of a process that is there and ours. */
function workingDirectoryOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Throws if something else listens there: the page would speak to that. */
async function checkFree(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await new Promise((resolve) => server.close(resolve));
}

/** What is wrong with the page; undefined if it is as it says. */
async function execute(reader: Reader, blocks: readonly Block[], beginning?: string): Promise<string | undefined> {
  const [first, ...others] = blocks;
  if (beginning === undefined || first.kind !== 'commands') return reader.read(blocks);
  if (!isBegun(beginning)) return reader.begin(first, beginning);
  const begun = JSON.parse(readFileSync(join(beginning, BEGUN), 'utf8')) as Beginning;
  const isSame = begun.commands === first.text && begun.result.exitCode === first.exitCode && !first.isBackground;
  return isSame ? reader.read(others, reader.goOn(begun, beginning)) : reader.read(blocks);
}

function isBegun(beginning: string): boolean {
  return existsSync(join(beginning, BEGUN));
}

async function main([page, section, tarball, beginning]: string[]): Promise<number> {
  const all = blocksOf(readFileSync(page, 'utf8'), section === '' ? undefined : section);
  const blocks = beginning === undefined || isBegun(beginning) ? all : all.slice(0, 1);
  for (const port of new Set(blocks.flatMap(({ text }) => text.match(PORT) ?? []))) await checkFree(Number(port));
  const reader = new Reader(mkdtempSync(join(tmpdir(), 'page-')), tarball);
  try {
    const fault = await execute(reader, blocks, beginning);
    process.stdout.write(fault === undefined ? `\n${page}: ${blocks.length} blocks, all as the page says\n` : `\n${page}, ${fault}\n`);
    return fault === undefined ? 0 : 1;
  } finally {
    reader.cleanUp();
  }
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
