// Details in a comment that may give away who wrote it. Looked for on the phone only; a hint, not a gate.

const SURNAMES = '赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹章苏潘葛范彭鲁马方任袁柳唐薛雷贺倪汤罗郝安常于傅齐康余元顾孟黄萧尹姚汪祁毛狄戴宋庞熊纪舒屈项董梁杜阮蓝闵季贾路江童郭林钟徐邱高夏蔡田胡凌霍万卢莫房丁邓洪左石崔龚程邢裴陆翁侯段巫焦牧谷车全班仰秋仲宁仇甘武刘景龙叶黎薄印白蒲从鄂赖谭冉向古易廖居耿满匡文欧聂关查沙游盖曾';
const TITLES = '总经理|经理|总监|主任|局长|科长|所长|队长|股长|站长|院长|法官|警官|先生|女士|老板|师傅|会计|总';

// No look-behind: Safari learned it in 16.4 only.
const IDENTIFYING = [
  ['phone', /(?:^|\D)(?:1[3-9]\d(?:[\s-]?\d){8}|0\d{2,3}[\s-]?\d{7,8})(?!\d)/],
  ['number', /(?:^|[^0-9A-Z])(?:\d{17}[\dX]|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![0-9A-Z])/i],
  ['plate', /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][\s·.]?[A-Z0-9]{5,6}/i],
  ['name', new RegExp(`(?:我|本人)(?:叫|姓|名叫)|我是[${SURNAMES}][\\u4e00-\\u9fa5]{1,2}(?![\\u4e00-\\u9fa5])|[${SURNAMES}](?:某某?|[\\u4e00-\\u9fa5]{0,2})(?:${TITLES})`)],
  ['firm', /[\u4e00-\u9fa5]{2,}(?:有限公司|股份公司|公司|集团|合作社|加工厂|商行|经营部|门市部|酒店|饭店)/],
  ['contact', /[\w.+-]+@[\w-]+\.\w+|(?:微信|QQ|抖音)号?[:：]?\s*[\w-]{5,}/i],
];

/** @returns {string[]} the kinds found, such as ["phone", "name"]. */
export function identifyingDetails(text) {
  const plain = text.normalize('NFKC');
  return IDENTIFYING.filter(([, pattern]) => pattern.test(plain)).map(([kind]) => kind);
}
