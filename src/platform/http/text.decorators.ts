import { applyDecorators } from '@nestjs/common';
import { registerDecorator, ValidateIf } from 'class-validator';
import { parseInstant } from '../clock/instant';
import { hasVisible } from '../text/visible';

/** The field may be left out, but not be null (class-validator's `IsOptional` lets null pass). */
export function IsOptionalNotNull(): PropertyDecorator {
  return ValidateIf((_: object, value: unknown) => value !== undefined);
}

/**
 * Text of `min` to `max` characters (code points) that both databases can hold: no NUL, which PostgreSQL
 * refuses, and no half of a surrogate pair, which UTF-8 cannot spell.
 */
export function IsText(min: number, max: number): PropertyDecorator {
  return applyDecorators((target: object, property: string | symbol) => {
    registerDecorator({
      name: 'isText',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => textFault(value, min, max) === undefined,
        defaultMessage: (args) => textFault(args?.value, min, max) ?? 'is not acceptable',
      },
    });
  });
}

/** Text as `IsText`, with at least one character that can be seen: for names that people tell things apart by. */
export function IsVisibleText(max: number): PropertyDecorator {
  return applyDecorators((target: object, property: string | symbol) => {
    const fault = (value: unknown) => textFault(value, 1, max) ?? visibleFault(value as string);
    registerDecorator({
      name: 'isVisibleText',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => fault(value) === undefined,
        defaultMessage: (args) => fault(args?.value) ?? 'is not acceptable',
      },
    });
  });
}

/** A time with a zone. */
export function IsInstant(): PropertyDecorator {
  return (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => typeof value === 'string' && parseInstant(value) !== null,
        defaultMessage: () => 'must be a time with a zone, such as 2026-11-23T09:15:00.000Z (write + as %2B)',
      },
    });
}

function textFault(value: unknown, min: number, max: number): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.includes('\0')) return 'must not hold the character NUL (\\u0000)';
  if (!value.isWellFormed()) return 'must be well-formed Unicode: it holds half of a surrogate pair';
  const length = [...value.slice(0, 2 * max + 1)].length;
  if (length < min || length > max) return `must have ${min} to ${max} characters`;
  return undefined;
}

function visibleFault(value: string): string | undefined {
  return hasVisible(value) ? undefined : 'must have a character that can be seen';
}
