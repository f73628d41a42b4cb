// What is said only in a round with a witness, in Chinese. texts-en.json has the same keys; it is loaded when asked for.
export const WITNESS_TEXTS_ZH = {
  'collect.witness.slow': '还在等监票机答复，请不要关闭本页。',
  'collect.witness.late': '监票机没有答复，会自动再试，不会重复领取。请不要换手机：选票可能已经领到这部手机上了。',
  'submit.witness.slow': '还在等监票机答复，请不要关闭本页。',
  'submit.witness.late': '监票机没有答复。选票已封好，保存在本机，会自动再试。',
  'open.witness.slow': '还在等监票机答复，请不要关闭本页。',
  'open.witness.late': '监票机没有答复，会自动再试。请不要关闭本页。',
  'receipt.posted': '监票机收下了您的选票，会和别的选票混成一批，移交票箱。请保存回执号：截止后，在公示页查到它，就是票箱收到了。回执号里没有您的答案。',
  'problem.description_differs': '这个页面与监票单位保存的不一致',
  'problem.description_differs.do': '请不要填写，也不要输入任何内容。请打电话告诉监票单位和持钥人，把邀请函上的核对号和本页的 {check} 念给他们听。',
  'problem.ticket_spent': '这张凭证已经投过另一张选票',
  'problem.ticket_spent.do': '先收到的那一张有效，这一张没有计入。请联系监票单位。',
  'problem.unacknowledged': '监票机的签名不对',
  'problem.unacknowledged.do': '不能确认选票已经收下，请再试一次；如果还不行，请联系监票单位。',
};
