const MAX_SCALE = 4;
/** Below it, text has less than 3 pixels: it cannot be read, and takes most of the time of a frame. */
const READABLE_SCALE = 0.22;
const STEP = 60;
/** After zooming, the browser draws the picture sharply again, ms. */
const REST_MS = 160;
const PADDING = 12;

/**
 * Moves and scales an SVG in a box, by pointer, wheel and keys. The layer around it is moved and the SVG in it is
 * scaled, so that a drag moves what is drawn already. `drawnScale` is the scale of what is drawn.
 */
export class Viewport {
  private x = 0;
  private y = 0;
  private scale = 1;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private moved = 0;
  private readonly abort = new AbortController();
  private readonly resize: ResizeObserver;
  private touched = false;
  private drawnScale = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly layer: HTMLElement,
    readonly svg: SVGSVGElement,
  ) {
    const { signal } = this.abort;
    box.addEventListener('pointerdown', (event) => this.down(event), { signal });
    box.addEventListener('pointermove', (event) => this.move(event), { signal });
    for (const name of ['pointerup', 'pointercancel'] as const)
      box.addEventListener(name, (event) => this.pointers.delete(event.pointerId), { signal });
    box.addEventListener('wheel', (event) => this.wheel(event), { signal, passive: false });
    this.resize = new ResizeObserver(() => {
      if (!this.touched) this.fit();
    });
    this.resize.observe(box);
    this.fit();
  }

  /** Whether the click that is being handled is the end of a drag. */
  get wasDragged(): boolean {
    return this.moved > 4;
  }

  close(): void {
    this.abort.abort();
    this.resize.disconnect();
    clearTimeout(this.rest);
  }

  /** Shows the whole picture, never larger than it is. */
  fit(): void {
    const { width, height } = this.svg.viewBox.baseVal;
    const [boxWidth, boxHeight] = [this.box.clientWidth, this.box.clientHeight];
    this.scale = Math.min(1, (boxWidth - PADDING) / width, (boxHeight - PADDING) / height) || 1;
    this.x = (boxWidth - width * this.scale) / 2;
    this.y = (boxHeight - height * this.scale) / 2;
    this.touched = false;
    this.apply();
  }

  zoom(factor: number, x = this.box.clientWidth / 2, y = this.box.clientHeight / 2): void {
    const next = Math.min(MAX_SCALE, Math.max(0.02, this.scale * factor));
    const ratio = next / this.scale;
    this.x = x - (x - this.x) * ratio;
    this.y = y - (y - this.y) * ratio;
    this.scale = next;
    this.touched = true;
    this.apply();
  }

  /** Brings an element into the middle, at a size at which it can be read. */
  centre(element: Element): void {
    if (this.scale < 0.6) this.zoom(0.9 / this.scale);
    const [part, box] = [element.getBoundingClientRect(), this.box.getBoundingClientRect()];
    this.x += box.left + box.width / 2 - (part.left + part.width / 2);
    this.y += box.top + box.height / 2 - (part.top + part.height / 2);
    this.touched = true;
    this.apply();
  }

  onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => this.pan(STEP, 0),
      ArrowRight: () => this.pan(-STEP, 0),
      ArrowUp: () => this.pan(0, STEP),
      ArrowDown: () => this.pan(0, -STEP),
      '+': () => this.zoom(1.25),
      '=': () => this.zoom(1.25),
      '-': () => this.zoom(0.8),
      '0': () => this.fit(),
    };
    const step = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    if (!step) return;
    event.preventDefault();
    step();
  }

  private pan(x: number, y: number): void {
    this.x += x;
    this.y += y;
    this.touched = true;
    this.apply();
  }

  private down(event: PointerEvent): void {
    if (this.pointers.size === 0) this.moved = 0;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    // Captured only now: a captured pointer would send its click to the box instead of the node.
    if (this.wasDragged && !this.box.hasPointerCapture(event.pointerId))
      this.box.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, now);
    const [other] = others;
    if (!other) return this.pan(now.x - before.x, now.y - before.y);
    const distance = (point: { x: number; y: number }) =>
      Math.hypot(point.x - other.x, point.y - other.y) || 1;
    const box = this.box.getBoundingClientRect();
    this.zoom(
      distance(now) / distance(before),
      (now.x + other.x) / 2 - box.left,
      (now.y + other.y) / 2 - box.top,
    );
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const box = this.box.getBoundingClientRect();
    const factor = Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) / 400);
    this.zoom(factor, event.clientX - box.left, event.clientY - box.top);
  }

  private apply(): void {
    this.layer.style.transform = `translate(${this.x}px, ${this.y}px)`;
    if (this.scale === this.drawnScale) return;
    this.drawnScale = this.scale;
    this.svg.classList.toggle('far', this.scale < READABLE_SCALE);
    this.svg.style.willChange = 'transform';
    this.svg.style.transform = `scale(${this.scale})`;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => (this.svg.style.willChange = ''), REST_MS);
  }
}
