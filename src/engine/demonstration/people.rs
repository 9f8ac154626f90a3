//! Invented names, and identity numbers that are well formed but belong to nobody.

use jiff::civil::Date;

use crate::engine::demonstration::chance::Chance;

const FAMILY: [&str; 72] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓",
    "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "余",
    "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜", "范", "方", "石", "姚", "谭", "廖", "邹", "熊",
    "欧阳", "司马", "上官", "诸葛",
];

const GIVEN: [&str; 96] = [
    "一", "子", "宇", "雨", "欣", "佳", "梓", "浩", "轩", "涵", "怡", "嘉", "俊", "杰", "博", "文", "思",
    "琪", "晨", "阳", "明", "睿", "诗", "语", "悦", "宁", "安", "然", "可", "心", "天", "泽", "辰", "铭",
    "凯", "瑞", "雪", "梦", "婷", "静", "敏", "慧", "颖", "芳", "兰", "莹", "丽", "娜", "强", "伟", "军",
    "磊", "超", "勇", "鹏", "飞", "龙", "志", "建", "国", "华", "平", "海", "波", "亮", "峰", "远", "恒",
    "毅", "诚", "信", "哲", "楠", "桐", "枫", "柏", "松", "竹", "梅", "荷", "清", "源", "润", "沐", "若",
    "书", "画", "墨", "知", "行", "乐", "康", "星", "月", "朗", "珂",
];

/// Characters that a sheet in GB 2312, or a font, often loses.
const RARE: [&str; 6] = ["𬱖", "𠮷", "㛃", "䶮", "堃", "喆"];

const WITH_DOT: [&str; 12] =
    ["阿依", "古丽", "迪娜", "热娜", "木拉", "巴图", "卓玛", "扎西", "达瓦", "多吉", "其其格", "拉姆"];

/// A name in up to three pieces; one in 200 has a rare character, one in 250 a middle dot.
pub fn name(chance: &mut Chance) -> [&'static str; 3] {
    if chance.per_mille(4) {
        return [chance.of(&WITH_DOT), "·", chance.of(&WITH_DOT)];
    }
    let family = chance.of(&FAMILY);
    let first = if chance.per_mille(5) { chance.of(&RARE) } else { chance.of(&GIVEN) };
    let second = if chance.per_mille(780) { chance.of(&GIVEN) } else { "" };
    [family, first, second]
}

/// The identity number (GB 11643) of a birth day, with `serial` the three digits before the check.
pub fn identity_number(division: u32, born: Date, serial: u64) -> [u8; 18] {
    let mut digits = [b'0'; 18];
    write_digits(&mut digits[..6], u64::from(division));
    write_digits(&mut digits[6..10], u64::from(born.year().unsigned_abs()));
    write_digits(&mut digits[10..12], u64::from(born.month().unsigned_abs()));
    write_digits(&mut digits[12..14], u64::from(born.day().unsigned_abs()));
    write_digits(&mut digits[14..17], serial);
    digits[17] = check_digit(&digits);
    digits
}

/// The check digit over the first 17 digits (ISO 7064, MOD 11-2).
fn check_digit(digits: &[u8; 18]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    b"10X98765432"[usize::try_from(sum % 11).expect("below 11")]
}

/// Writes the last digits of a number, with zeros in front.
pub fn write_digits(out: &mut [u8], mut number: u64) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).expect("one digit");
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_number_has_the_right_check_digit() {
        assert_eq!(&identity_number(110105, Date::constant(1949, 12, 31), 2), b"11010519491231002X");
        assert_eq!(&identity_number(440524, Date::constant(1880, 1, 1), 1), b"440524188001010014");
    }
}
