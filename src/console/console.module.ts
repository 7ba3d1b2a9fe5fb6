import { Module } from '@nestjs/common';
import { ConsoleService } from './console.service';

/** The web console; `CONSOLE=off` leaves it out. */
@Module({ providers: [ConsoleService] })
export class ConsoleModule {}
