import { accountOf } from './aws/account';
import { measureAws } from './aws/measure';
import { init } from './init';
import { githubOf, measure } from './measure';
import { hang, report, setOutputs, signalsOf } from './parts';
import { DEFAULT_PORT } from './place';
import { resume, serve, ship } from './service';

const USAGE = `Checks the assumptions of projen-delivery about GitHub.

  npx projen-delivery-conformance init [--port <number>] [--aws-role <arn> --aws-region <region> --aws-function-role <arn>]

Writes the workflows and this program to the current directory, which must be an empty repository. Commit the files, push them to
the default branch, and start conformance.yml on GitHub. The other commands are for its jobs.
`;

/** The exit code; undefined where the process goes on. */
async function run(command: string | undefined, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  switch (command) {
    case 'init':
      init(process.cwd(), portOf(args), accountOf((option) => valueOf(args, option)));
      return 0;
    case 'measure':
      return measure(env, (env.CONFORMANCE_ONLY ?? '').split(/[\s,]+/).filter((id) => id !== ''));
    case 'measure-aws':
      return measureAws(env);
    case 'hang':
      hang(args[0]);
      await report(githubOf(env), env, 'started', []);
      return undefined;
    case 'report':
      await report(githubOf(env), env, args[0], args.slice(1));
      return 0;
    case 'report-signals':
      await report(githubOf(env), env, 'signals', signalsOf(args[0]));
      return 0;
    case 'set-outputs':
      setOutputs(env);
      return 0;
    case 'ship':
      await ship(env);
      return 0;
    case 'resume':
      await resume(env);
      return 0;
    case 'serve':
      serve(args[0], Number(args[1]));
      return undefined;
    default:
      console.log(USAGE);
      return command === undefined || command === '--help' ? 0 : 2;
  }
}

function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1] ?? '';
}

function portOf(args: readonly string[]): number {
  const given = valueOf(args, '--port');
  const port = given === undefined ? DEFAULT_PORT : Number(given);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535) throw new Error(`--port: '${given}' is not a port. Use a number from 1024 to 65535.`);
  return port;
}

run(process.argv[2], process.argv.slice(3), process.env).then(
  (code) => {
    if (code !== undefined) process.exitCode = code;
  },
  (error: Error) => {
    console.error(`::error::${error.message.replace(/\s+/g, ' ')}`);
    process.exitCode = 2;
  },
);
