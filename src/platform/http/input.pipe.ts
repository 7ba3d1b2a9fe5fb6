import { Injectable, type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { AppConfig } from '../config/app-config';
import { invalid, type FieldError } from '../errors/app-error';
import { JsonReader } from './json-reader';

/** A body class may name one member that is kept as the bytes it was sent in, out of reach of every transformation. */
interface BodyClass extends Type<object> {
  rawMember?: string;
}

// Names that would reach into an object's prototype instead of being one of its fields.
const NEVER_A_FIELD = ['__proto__', 'constructor', 'prototype'];

/**
 * The one pipe for bodies and query strings: reads strict JSON, refuses unknown fields, and lists all faults
 * at once. A raw member (`config`) is cut out as bytes before anything looks at the rest: validating and
 * copying it costs 1.5 ms for 10 KB, and printing it again would change it.
 */
@Injectable()
export class InputPipe implements PipeTransform {
  private readonly reader: JsonReader;

  constructor(config: AppConfig) {
    this.reader = new JsonReader(config.get('MAX_JSON_DEPTH'));
  }

  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || type === 'param' || !metatype || PRIMITIVES.has(metatype)) return value;
    const target = metatype as BodyClass;
    if (type === 'query') return check(target, { ...(value as object) });
    const { rawMember } = target;
    if (!Buffer.isBuffer(value)) return check(target, { ...(value as object | undefined) });
    const { fields, raw } = this.reader.readObject(value, rawMember);
    const body = await check(target, fields);
    return rawMember === undefined ? body : Object.assign(body, { [rawMember]: raw });
  }
}

const PRIMITIVES = new Set<unknown>([String, Number, Boolean, Array, Object]);

async function check(target: Type<object>, plain: object): Promise<object> {
  const strange = NEVER_A_FIELD.filter((name) => Object.hasOwn(plain, name));
  if (strange.length > 0) throw invalid(strange.map(unknownField));
  const instance = plainToInstance(target, plain, { exposeDefaultValues: true });
  const faults = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  if (faults.length > 0) throw invalid(faults.flatMap((fault) => fieldErrors(fault, '')));
  return instance;
}

function fieldErrors(fault: ValidationError, parent: string): FieldError[] {
  const field = parent === '' ? fault.property : `${parent}.${fault.property}`;
  const own = Object.entries(fault.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation'
      ? unknownField(field)
      : { field, message: withoutName(message, fault.property) },
  );
  return [...own, ...(fault.children ?? []).flatMap((child) => fieldErrors(child, field))];
}

function unknownField(field: string): FieldError {
  return { field, message: 'is not a known field' };
}

// class-validator begins its sentences with the property's name, which stands in "field" already.
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
