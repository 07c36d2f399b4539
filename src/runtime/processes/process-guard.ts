import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';

/** Reads which groups begin and end. At the end of its input, when this process is gone, it kills those that have not ended. */
const SCRIPT = `groups=' '
while read -r change group; do
  case $change in
    begin) groups="$groups$group " ;;
    end) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done`;

/**
 * Kills the commands of this process if it gets SIGKILL, for example because memory ran out: a command that continues would interfere with the
 * recovery. One guard for all of them: a target may start a hundred.
 */
export class ProcessGuard {
  private readonly groups = new Set<number>();
  private input: Writable | undefined;

  /** Guards the group of a command. Returns a function that ends that. */
  public begin(group: number): () => void {
    this.groups.add(group);
    if (this.input) this.input.write(`begin ${group}\n`);
    else this.start();
    return () => {
      this.groups.delete(group);
      this.input?.write(`end ${group}\n`);
    };
  }

  private start(): void {
    const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard'], { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    this.input = guard.stdin;
    // there may be no shell, or it may be gone already: the next command starts another one
    const forget = () => {
      if (this.input === guard.stdin) this.input = undefined;
    };
    guard.on('error', forget);
    guard.on('exit', forget);
    guard.stdin.on('error', forget);
    guard.unref();
    for (const group of this.groups) guard.stdin.write(`begin ${group}\n`);
  }
}
