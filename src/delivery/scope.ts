import { posix, relative, sep } from 'node:path';
import { Project } from 'projen';
import { WorkflowNames } from './workflow-names';
import { hasExpression } from '../ci/ci-rules';
import { keyOf, manifestFile, nameOf, ProjectManifest, RUNTIME_FILE, WorkflowKind } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/** A name is part of file names, and of job ids together with the environment's name. */
const LONGEST_NAME = 50;

/**
 * The project of a delivery, and the names that depend on it. The names of a subproject contain its own, because all workflows and
 * manifests are in the root.
 */
export class Scope {
  public static of(project: Project, workflowNames: WorkflowNames = {}): Scope {
    return new Scope(project === project.root ? undefined : { name: safeName(project), directory: directoryOf(project) }, workflowNames);
  }

  private constructor(
    /** Undefined for the root project. */
    public readonly project: ProjectManifest | undefined,
    private readonly workflowNames: WorkflowNames,
  ) {}

  /** The directory of the project's commands, relative to the root. */
  public get directory(): string {
    return this.project?.directory ?? '.';
  }

  public get manifestFile(): string {
    return manifestFile(this.project?.name);
  }

  /** The command that runs the runtime in the project's directory. */
  public get runtime(): string[] {
    if (!this.project) return ['node', RUNTIME_FILE];
    return ['node', posix.join(posix.relative(`/${this.project.directory}`, '/'), RUNTIME_FILE), '--project', this.project.name];
  }

  /** Returns the name of a workflow: the chosen one, or `deploy_acme-api`. */
  public workflowName(kind: WorkflowKind): string {
    return this.workflowNames[kind] ?? this.nameOf(kind);
  }

  /** Returns the name of an artifact: `delivery_acme-api`. */
  public nameOf(base: string): string {
    return nameOf(base, this.project?.name);
  }

  /** Returns the environment's title, with the subproject. */
  public titleOf(environment: string): string {
    return this.project ? `${environment} (${this.project.name})` : environment;
  }

  /** Returns the key of concurrency groups: two projects may deploy to environments of the same name. */
  public keyOf(environment: string): string {
    return keyOf(environment, this.project?.name);
  }

  /** Returns the id of a job for all environments. */
  public jobOf(id: string): string {
    return this.project ? `${id}_${this.project.name}`.replace(/[^A-Za-z0-9_]/g, '_') : id;
  }

  /** Returns the part of a job's id after its kind. */
  public idOf(environment: string): string {
    return [...(this.project ? [this.project.name] : []), environment].join('_').replace(/[^A-Za-z0-9_]/g, '_');
  }

  /** Returns the environment's arguments on the runtime's command line, in the root. */
  public wordsOf(environment: string): string {
    return this.project ? `${environment} --project ${this.project.name}` : environment;
  }
}

/** Returns the name in file names, as projen derives it: `acme-api` for `@acme/api`. */
function safeName({ name }: Project): string {
  const safe = name.replace('@', '').replace(/[^A-Za-z0-9._-]/g, '-');
  if (/^[A-Za-z0-9]/.test(safe) && safe.length <= LONGEST_NAME) return safe;
  return invalid('Delivery', `the subproject's name ${show(name)} cannot be part of a file's name`, `Let it begin with a letter or digit, and have ${LONGEST_NAME} characters at most`);
}

/** Returns the directory relative to the root, which is the same on every machine. */
function directoryOf({ name, outdir, root }: Project): string {
  const directory = relative(root.outdir, outdir).split(sep).join('/');
  if (directory === '' || directory.split('/')[0] === '..' || directory.startsWith('/') || /^[A-Za-z]:/.test(directory)) {
    invalid('Delivery', `the subproject ${show(name)} is not in a folder of its own below the root project`, 'Give it one, for example outdir: \'packages/api\'');
  }
  if (/[\p{Cc}\p{Cs}\p{Bidi_Control}\\]/u.test(directory) || hasExpression(directory)) {
    invalid('Delivery', `the subproject's folder ${show(directory)} has characters that a workflow cannot name safely`, 'Give it another name');
  }
  return directory;
}
