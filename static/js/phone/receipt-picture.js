// The receipt as a picture, drawn on the phone.
import { t } from './language.js';
import { qrOfReceipt } from './qr.js';

const WIDTH = 720;
const HEIGHT = 640;
const MODULE = 9;

function line(context, text, y, font, color) {
  context.font = `${font} -apple-system, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif`;
  context.fillStyle = color;
  context.fillText(text, WIDTH / 2, y, WIDTH - 60);
}

function drawCode(context, receipt, top) {
  const rows = qrOfReceipt(receipt);
  const left = (WIDTH - rows.length * MODULE) / 2;
  context.fillStyle = '#000000';
  rows.forEach((row, y) => row.forEach((dark, x) => {
    if (dark) context.fillRect(left + x * MODULE, top + y * MODULE, MODULE, MODULE);
  }));
}

/** @returns {string} a data: address of a PNG. */
export function receiptPicture(description, receipt, address) {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = '#0a4a66';
  context.fillRect(0, 0, WIDTH, 12);
  context.textAlign = 'center';
  line(context, description.title, 90, '600 34px', '#1b1f23');
  line(context, description.body, 140, '26px', '#454b52');
  line(context, t('receipt.code'), 210, '26px', '#454b52');
  line(context, receipt, 270, '700 48px', '#0a4a66');
  drawCode(context, receipt, 330);
  line(context, t('receipt.where', { address }), 596, '26px', '#454b52');
  return canvas.toDataURL('image/png');
}
