import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Component, FileBase, github, YamlFile } from 'projen';
import { finishedWorkflow } from './workflow-text';
import { WrittenWorkflow, writtenWorkflow } from './written-workflow';
import { write } from '../../../files/generated-file';
import { invalid } from '../../../validation/validation-error';

const ID = 'checked';

/** Rejects a workflow that breaks a guarantee. `text` is undefined if there is no file. */
export type WorkflowCheck = (written: WrittenWorkflow, text: string | undefined) => void;

/**
 * Checks the file of a workflow with jobs of a delivery when projen has written it, and again when all components are synthesized. As a child
 * of the file it is synthesized directly after it, and removed with it.
 */
export class CheckedWorkflowFile extends Component {
  /** Several deliveries may have jobs in one workflow. */
  public static of(file: YamlFile): CheckedWorkflowFile {
    return CheckedWorkflowFile.find(file) ?? new CheckedWorkflowFile(file);
  }

  /** Returns undefined if no delivery has jobs in the file. */
  public static find(file: FileBase): CheckedWorkflowFile | undefined {
    return file.node.tryFindChild(ID) as CheckedWorkflowFile | undefined;
  }

  private readonly checks: WorkflowCheck[] = [];
  private isFinished = false;
  /** The checked content of the file. */
  private text?: string;
  private present: WrittenWorkflow = {};

  private constructor(private readonly file: YamlFile) {
    super(file, ID);
  }

  /** The checked workflow. */
  public get written(): WrittenWorkflow {
    return this.present;
  }

  public add(check: WorkflowCheck): void {
    this.checks.push(check);
  }

  /** Formats the file, which belongs to the delivery alone. */
  public finish(): void {
    this.isFinished = true;
  }

  public synthesize(): void {
    const text = this.read();
    this.checkAs(writtenWorkflow(this.file), text);
  }

  /** Checks the file if it has changed since. */
  public checkAgain(): void {
    const text = this.read();
    if (text === this.text) return;
    this.checkAs(text === undefined ? {} : this.parsed(text), text);
  }

  /** A patch may leave nothing to write. */
  private read(): string | undefined {
    return existsSync(this.file.absolutePath) ? readFileSync(this.file.absolutePath, 'utf8') : undefined;
  }

  private checkAs(written: WrittenWorkflow, text: string | undefined): void {
    const finished = text !== undefined && this.isFinished ? finishedWorkflow(text) : text;
    try {
      for (const check of this.checks) check(written, finished);
    } catch (error) {
      // an invalid file must not remain
      rmSync(this.file.absolutePath, { force: true });
      throw error;
    }
    if (finished !== undefined && finished !== text) write(this.file, Buffer.from(finished));
    this.text = finished;
    this.present = written;
  }

  private parsed(text: string): WrittenWorkflow {
    try {
      return projensYaml().parse(text) as WrittenWorkflow;
    } catch (error) {
      return invalid(this.file.path, `was rewritten after projen wrote it, and cannot be read: ${(error as Error).message}`, 'Change the workflow before it is written: workflow.file.addOverride(...)');
    }
  }
}

/** projen's own YAML parser, for a file that another component wrote. */
function projensYaml(): { parse(text: string): unknown } {
  return createRequire(require.resolve('projen'))('yaml') as { parse(text: string): unknown };
}

/**
 * Calls back just before projen writes a workflow. As a child of the workflow it is synthesized before the file, and after `preSynthesize` of
 * all components.
 */
export class BeforeWorkflowFile extends Component {
  constructor(workflow: github.GithubWorkflow, private readonly act: () => void) {
    super(workflow);
  }

  public synthesize(): void {
    this.act();
  }
}
