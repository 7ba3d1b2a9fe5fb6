import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import { AppError } from '../platform/errors/app-error';

/** A config after an edit. */
export interface EditedConfig {
  config: Buffer;
  /** JSON text of an object: the difference to the present config, and what was left out. */
  report: Buffer;
}

/** Edits configs node by node. `owner` is whose turn a job takes. Methods reject with an AppError. */
export interface ConfigEditor {
  /** Brings nodes of an older config into the present one. */
  restoreNodes(owner: string, from: Buffer, into: Buffer, nodes: readonly string[]): Promise<EditedConfig>;
  /** Takes back what one version changed in the present config. 409 if parts of it were changed again since. */
  revert(owner: string, around: { before: Buffer; after: Buffer }, present: Buffer): Promise<EditedConfig>;
  /** The old config as a whole, with the difference to the present one. */
  replace(owner: string, present: Buffer, past: Buffer): Promise<EditedConfig>;
}

/**
 * Where graphs find the editor of configs. Reading graphs of all kinds is the business of the module `diff`, which
 * builds on this one, so it registers itself here when the application starts.
 */
@Injectable()
export class ConfigEditors {
  private editor: ConfigEditor | undefined;

  constructor(@Inject(AppConfig) private readonly config: AppConfig) {}

  register(editor: ConfigEditor): void {
    this.editor = editor;
  }

  /** Runs an edit. 422 if the outcome is larger than a request may be (`MAX_BODY_BYTES`). */
  async run(edit: (editor: ConfigEditor) => Promise<EditedConfig>): Promise<EditedConfig> {
    if (this.editor === undefined) throw new Error('No editor of configs is registered.');
    const edited = await edit(this.editor);
    const max = this.config.get('MAX_BODY_BYTES');
    if (edited.config.length <= max) return edited;
    const sentence = `The graph would become larger than MAX_BODY_BYTES allows (${max} bytes). Restore fewer nodes.`;
    throw new AppError('unprocessable', 'too-large-after-edit', sentence);
  }
}
