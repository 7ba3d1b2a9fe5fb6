import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { UnitOfWork } from '../../platform/database/unit-of-work';
import { CONDITION_IDS } from '../../platform/health/conditions';
import { Metrics } from '../../platform/metrics/metrics';
import { sharedRead } from '../../platform/metrics/shared-read';
import { AlertsStore } from './alerts.store';

/** Which conditions hold, as operators are told. */
@Injectable()
export class AlertsMetrics {
  constructor(metrics: Metrics, unitOfWork: UnitOfWork, store: AlertsStore) {
    const collect = sharedRead(async () => {
      const rows = await unitOfWork.read((em) => store.all(em));
      const active = new Set(rows.filter((row) => row.active === 1).map((row) => row.condition));
      for (const condition of CONDITION_IDS) gauge.set({ condition }, active.has(condition) ? 1 : 0);
    });
    const gauge = new Gauge({
      name: 'graphomat_alert_active',
      help: '1 while a condition holds that operators are told of.',
      labelNames: ['condition'],
      registers: [metrics.registry],
      collect,
    });
  }
}
