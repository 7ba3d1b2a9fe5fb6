import type { SPELLINGS, Flow, Step } from './documents';

/** A graph of the demonstration: what it is, and how often someone changes it in a month. */
export interface DemoGraph {
  title: string;
  description: string;
  status: 'draft' | 'active' | 'archived';
  spelling: keyof typeof SPELLINGS;
  flow: Flow;
  changes: number;
}

type Line = [name: string, type: string, settings: Record<string, unknown>];

/** Steps in a row, each wired to the next; every fourth one is a branch. */
function flowOf(...lines: Line[]): Flow {
  const steps = lines.map(([name, type, settings], index): Step => ({
    name,
    type,
    settings,
    x: index * 240,
    y: index % 4 === 3 ? 160 : 0,
  }));
  const wires = steps
    .slice(1)
    .map((_, index): [number, number] => [index % 4 === 3 ? index - 1 : index, index + 1]);
  return { steps, wires };
}

const script = (body: string) => ({ func: body, outputs: 1 });

export const GRAPHS: readonly DemoGraph[] = [
  {
    title: 'Order intake',
    description: 'Takes orders from the shop, checks the address and writes them to the ERP.',
    status: 'active',
    spelling: 'n8n',
    changes: 34,
    flow: flowOf(
      ['New order', 'webhook', { path: 'orders', httpMethod: 'POST' }],
      [
        'Check address',
        'code',
        { jsCode: "const order = $json;\nif (!order.zip) throw new Error('zip is missing');\nreturn order;" },
      ],
      ['Known customer?', 'if', { condition: 'customer_id' }],
      ['Create customer', 'httpRequest', { url: 'https://erp.example/customers' }],
      ['Write order', 'postgres', { table: 'orders', operation: 'insert' }],
      ['Confirm by mail', 'emailSend', { subject: 'Your order' }],
    ),
  },
  {
    title: 'Nightly invoice run',
    description: 'Collects open orders at 02:00 and sends the invoices.',
    status: 'active',
    spelling: 'n8n',
    changes: 17,
    flow: flowOf(
      ['Every night', 'scheduleTrigger', { hour: 2 }],
      ['Open orders', 'postgres', { query: 'SELECT * FROM orders WHERE invoiced IS NULL' }],
      ['In batches', 'splitInBatches', { batchSize: 25 }],
      ['Make PDF', 'httpRequest', { url: 'https://pdf.example/invoice' }],
      ['Send invoice', 'emailSend', { subject: 'Your invoice' }],
    ),
  },
  {
    title: 'Boiler room',
    description: 'Reads the sensors and switches the pumps.',
    status: 'active',
    spelling: 'nodeRed',
    changes: 28,
    flow: flowOf(
      ['Sensors', 'mqtt in', { topic: 'boiler/+/temperature' }],
      [
        'Smooth',
        'function',
        script(
          'const last = context.get("last") || msg.payload;\nmsg.payload = 0.8 * last + 0.2 * msg.payload;\ncontext.set("last", msg.payload);\nreturn msg;',
        ),
      ],
      ['Above 70 °C', 'switch', { property: 'payload', limit: 70 }],
      ['Pump on', 'mqtt out', { topic: 'pump/1/set' }],
      ['Dashboard', 'ui_gauge', { group: 'boiler' }],
    ),
  },
  {
    title: 'Greenhouse watering',
    description: 'Waters by soil moisture, never after 20:00.',
    status: 'draft',
    spelling: 'nodeRed',
    changes: 9,
    flow: flowOf(
      ['Moisture', 'mqtt in', { topic: 'greenhouse/moisture' }],
      ['Too dry?', 'switch', { limit: 35 }],
      ['Valve', 'rpi-gpio out', { pin: 17 }],
    ),
  },
  {
    title: 'Support assistant',
    description: 'Answers questions from the handbook; hands over to a person when unsure.',
    status: 'active',
    spelling: 'reactFlow',
    changes: 41,
    flow: flowOf(
      ['Question', 'ChatInput', { placeholder: 'Ask about your order' }],
      ['Handbook', 'VectorStore', { collection: 'handbook', top_k: 5 }],
      [
        'Prompt',
        'PromptTemplate',
        {
          template:
            'Answer from the handbook only.\n\n{context}\n\nQuestion: {question}\nIf you are not sure, say so.',
        },
      ],
      ['Sure enough?', 'ConditionalRouter', { threshold: 70 }],
      ['Model', 'LanguageModel', { model: 'large', temperature: 0.2 }],
      ['Answer', 'ChatOutput', {}],
    ),
  },
  {
    title: 'Contract summary',
    description: 'Summarises uploaded contracts, with the dates that matter.',
    status: 'draft',
    spelling: 'reactFlow',
    changes: 12,
    flow: flowOf(
      ['Upload', 'FileLoader', { types: 'pdf, docx' }],
      ['Split', 'TextSplitter', { chunk_size: 1200 }],
      ['Summarise', 'LanguageModel', { model: 'large' }],
      ['Table of dates', 'Parser', { format: 'table' }],
    ),
  },
  {
    title: 'Product pictures, white background',
    description: 'Cuts products out and renders them on white.',
    status: 'active',
    spelling: 'comfyui',
    changes: 22,
    flow: flowOf(
      ['Load model', 'CheckpointLoaderSimple', { ckpt_name: 'product-v4.safetensors' }],
      ['What to draw', 'CLIPTextEncode', { text: 'studio photo of a product on white, soft light' }],
      ['What to avoid', 'CLIPTextEncode', { text: 'text, watermark, people' }],
      ['Sampler', 'KSampler', { steps: 28, cfg: 7 }],
      ['Decode', 'VAEDecode', {}],
      ['Save', 'SaveImage', { filename_prefix: 'product' }],
    ),
  },
  {
    title: 'Shop overview',
    description: 'Orders, revenue and errors of the shop.',
    status: 'active',
    spelling: 'grafana',
    changes: 19,
    flow: flowOf(
      ['Orders per minute', 'timeseries', { expr: 'sum(rate(orders_total[5m]))' }],
      ['Revenue today', 'stat', { expr: 'sum(increase(revenue_total[1d]))' }],
      ['Errors', 'timeseries', { expr: 'sum(rate(errors_total[5m])) by (service)' }],
      ['Slowest pages', 'table', { expr: 'topk(10, page_seconds)' }],
    ),
  },
  {
    title: 'Old newsletter',
    description: 'Replaced by the mailing service.',
    status: 'archived',
    spelling: 'n8n',
    changes: 4,
    flow: flowOf(
      ['First of the month', 'scheduleTrigger', { day: 1 }],
      ['Subscribers', 'googleSheets', { sheet: 'subscribers' }],
      ['Send', 'emailSend', { subject: 'News' }],
    ),
  },
];
