import { Injectable, type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { AppConfig } from '../config/app-config';
import { invalid, type FieldError } from '../errors/app-error';
import { type Workers } from '../workers/workers';
import { JsonReader } from './json-reader';
import { queryNumbers } from './query.decorators';
import { UnreadBody } from './unread-body';
import { ownMember, setOwnMember } from '../hardening/own-member';

/** A class that describes a body or a query string by class-validator's decorators. */
interface InputClass extends Type<object> {
  /** One member that is kept as the bytes it was sent in, out of reach of every transformation. */
  rawMember?: string;
  /** Whether a request without a body means the defaults. */
  bodyIsOptional?: boolean;
  /** What is wrong with the raw member's bytes, which are JSON without white space around. */
  rawFault?(bytes: Buffer): string | undefined;
}

/** Characters of a field's name that an error repeats at most: a name is as long as its sender likes. */
const NAME_SHOWN = 100;
const PRIMITIVES = new Set<unknown>([String, Number, Boolean, Array, Object]);

/**
 * The one pipe for bodies and query strings: reads strict JSON, refuses unknown fields, and lists all faults
 * at once. A raw member (`config`) is cut out as bytes before anything looks at the rest: validating and
 * copying it costs 1.5 ms for 10 KB, and printing it again would change it. Fields are copied one by one, by the
 * list of those the class knows: class-transformer trips over a field called `constructor`.
 */
@Injectable()
export class InputPipe implements PipeTransform {
  private readonly reader: JsonReader;
  private readonly known = new Map<InputClass, ReadonlySet<string>>();
  /** Classes whose rules ask for nothing: those of most query strings, which most requests leave empty. */
  private readonly emptyWillDo = new Set<InputClass>();

  constructor(config: AppConfig, workers?: Workers) {
    this.reader = new JsonReader(config.get('MAX_JSON_DEPTH'), workers);
  }

  /** Gives a value back at once where nothing is to be awaited: Nest calls this for each parameter of a handler. */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || type === 'param' || !metatype || PRIMITIVES.has(metatype)) return value;
    const target = metatype as InputClass;
    if (type !== 'query') return this.body(target, value);
    const query = value as Record<string, unknown>;
    if (this.emptyWillDo.has(target) && isEmpty(query)) return new target();
    return this.check(target, withNumbers(target, query), []);
  }

  /** Ends the worker that reads large bodies. */
  close(): Promise<void> {
    return this.reader.close();
  }

  private async body(target: InputClass, value: unknown): Promise<object> {
    if (value === undefined && target.bodyIsOptional) return this.check(target, {}, []);
    if (value === undefined)
      throw invalid(
        [{ field: '', message: 'a JSON object is needed' }],
        'The body is missing; send a JSON object.',
      );
    if (!(value instanceof UnreadBody)) return this.check(target, value as Record<string, unknown>, []);
    const bytes = await value.read();
    if (bytes.length === 0 && target.bodyIsOptional) return this.check(target, {}, []);
    if (value.isForm) return this.check(target, formFields(bytes), []);
    const { fields, raw } = await this.reader.readObject(bytes, target.rawMember);
    return this.withRaw(target, fields, raw);
  }

  private async withRaw(
    target: InputClass,
    fields: Record<string, unknown>,
    raw: Buffer | undefined,
  ): Promise<object> {
    const fault = raw && target.rawFault?.(raw);
    const faults = fault === undefined ? [] : [{ field: target.rawMember ?? '', message: fault }];
    const body = await this.check(target, fields, faults);
    return raw && target.rawMember !== undefined ? Object.assign(body, { [target.rawMember]: raw }) : body;
  }

  private async check(
    target: InputClass,
    plain: Record<string, unknown>,
    others: FieldError[],
  ): Promise<object> {
    const names = Object.keys(plain);
    const instance = new target() as Record<string, unknown>;
    const known = this.fieldsOf(target);
    const unknown: FieldError[] = [];
    for (const name of names) {
      if (known.has(name)) setOwnMember(instance, name, ownMember(plain, name));
      else unknown.push({ field: shortened(name), message: 'is not a known field' });
    }
    const faults = await validate(instance, {
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    });
    const all = [...unknown, ...faults.flatMap((fault) => fieldErrors(fault)), ...others];
    if (all.length > 0) throw invalid(all);
    if (isEmpty(plain)) this.emptyWillDo.add(target);
    return instance;
  }

  private fieldsOf(target: InputClass): ReadonlySet<string> {
    let fields = this.known.get(target);
    if (!fields) {
      const rules = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false);
      fields = new Set(rules.map(({ propertyName }) => propertyName));
      this.known.set(target, fields);
    }
    return fields;
  }
}

function isEmpty(fields: Record<string, unknown>): boolean {
  for (const name in fields) if (Object.hasOwn(fields, name)) return false;
  return true;
}

function formFields(bytes: Buffer): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
}

/** Query strings are text: the fields that are numbers become such where they are spelled as one. */
function withNumbers(target: InputClass, query: Record<string, unknown>): Record<string, unknown> {
  const plain = { ...query };
  for (const name of queryNumbers(target)) {
    const text = ownMember(plain, name);
    if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) setOwnMember(plain, name, Number(text));
  }
  return plain;
}

function fieldErrors({ property, constraints }: ValidationError): FieldError[] {
  return Object.values(constraints ?? {}).map((message) => ({
    field: property,
    message: withoutName(message, property),
  }));
}

function shortened(name: string): string {
  return name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name;
}

// class-validator begins its messages with the property's name, which is already in "field".
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
