import { posix, relative, sep } from 'node:path';
import { Project } from 'projen';
import { WorkflowNames } from './workflow-names';
import { hasExpression } from '../ci/ci-rules';
import { keyOf, manifestFile, nameOf, ProjectManifest, RUNTIME_FILE, WorkflowKind } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/** Longer names of files some systems do not have, and a job's id holds it beside an environment's name. */
const LONGEST_NAME = 50;

/**
 * Which project of the repository a delivery is of. The root project's has plain names; a subproject's carry its own, so that several
 * stand side by side at the root, where GitHub looks for workflows.
 */
export class Scope {
  /** @param workflowNames those that were chosen */
  public static of(project: Project, workflowNames: WorkflowNames = {}): Scope {
    return new Scope(project === project.root ? undefined : { name: safeName(project), directory: directoryOf(project) }, workflowNames);
  }

  private constructor(
    /** Undefined for the root project. */
    public readonly project: ProjectManifest | undefined,
    private readonly workflowNames: WorkflowNames,
  ) {}

  /** Where the project's commands run, relative to the root: `.` there. */
  public get directory(): string {
    return this.project?.directory ?? '.';
  }

  public get manifestFile(): string {
    return manifestFile(this.project?.name);
  }

  /** What a command in the project's directory begins with. */
  public get runtime(): string[] {
    if (!this.project) return ['node', RUNTIME_FILE];
    return ['node', posix.join(posix.relative(`/${this.project.directory}`, '/'), RUNTIME_FILE), '--project', this.project.name];
  }

  /** Of a workflow of the delivery's own: the one that was chosen, else `deploy_acme-api`. */
  public workflowName(kind: WorkflowKind): string {
    return this.workflowNames[kind] ?? this.nameOf(kind);
  }

  /** Of an artifact: `delivery_acme-api`. */
  public nameOf(base: string): string {
    return nameOf(base, this.project?.name);
  }

  /** For a person who sees jobs of several projects side by side. */
  public titleOf(environment: string): string {
    return this.project ? `${environment} (${this.project.name})` : environment;
  }

  /** What is one at a time: two projects may deploy to a GitHub environment of the same name. */
  public keyOf(environment: string): string {
    return keyOf(environment, this.project?.name);
  }

  /** Of the job that there is once for all environments. */
  public jobOf(id: string): string {
    return this.project ? `${id}_${this.project.name}`.replace(/[^A-Za-z0-9_]/g, '_') : id;
  }

  /** As the part of a job's id after its kind. */
  public idOf(environment: string): string {
    return [...(this.project ? [this.project.name] : []), environment].join('_').replace(/[^A-Za-z0-9_]/g, '_');
  }

  /** The environment on the runtime's command line, at the root. */
  public wordsOf(environment: string): string {
    return this.project ? `${environment} --project ${this.project.name}` : environment;
  }
}

/** As projen names a subproject's files: `@acme/api` is `acme-api`. */
function safeName({ name }: Project): string {
  const safe = name.replace('@', '').replace(/[^A-Za-z0-9._-]/g, '-');
  if (/^[A-Za-z0-9]/.test(safe) && safe.length <= LONGEST_NAME) return safe;
  return invalid('Delivery', `the subproject's name ${show(name)} cannot be part of a file's name`, `Let it begin with a letter or digit, and have ${LONGEST_NAME} characters at most`);
}

/** As one project relates to the other, never where on this machine they are. */
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
