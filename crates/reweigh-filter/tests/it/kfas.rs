//! Output of KFAS for R with the exact diffuse start, as shipped with statsmodels (BSD-3-Clause;
//! `statsmodels/tsa/statespace/tests/results/results_exact_initial_*_R.csv` at 82c59e3). Its column of the
//! filtered covariance is known to be wrong and is not used.

use nalgebra::{Matrix2, SVector, Vector2};
use reweigh_filter::{
    Belief, Evidence, FilterError, LocalLevel, Model, Run, Sample, Transition, log_likelihood,
};

use crate::near::near;

/// Relative to the larger of one and the number: KFAS prints fifteen digits.
const TOLERANCE: f64 = 2e-14;

const NONE: f64 = f64::NAN;

const LN_TAU: f64 = 1.837_877_066_409_345_5;

#[track_caller]
fn check(actual: f64, expected: f64) {
    near(actual, expected, TOLERANCE * expected.abs().max(1.0));
}

/// One row: the state before the observation, what it told, the state after it, the smoothed state.
/// Covariances are given as the sum of all their entries.
#[derive(Debug)]
struct Row<const N: usize> {
    innovation: f64,
    variance: f64,
    infinite_variance: f64,
    predicted: [f64; N],
    predicted_sum: f64,
    infinite_sum: f64,
    filtered: [f64; N],
    smoothed: [f64; N],
    smoothed_sum: f64,
}

fn sum<const N: usize>(m: &nalgebra::SMatrix<f64, N, N>) -> f64 {
    m.iter().sum()
}

fn check_rows<const N: usize>(run: &Run<N>, rows: &[Row<N>; 10]) {
    let smoothed = run.smooth().unwrap();
    for ((step, row), smoothed) in run.steps().iter().zip(rows).zip(&smoothed) {
        let (mean, finite, infinite) = match &step.predicted {
            Belief::Diffuse(d) => (*d.mean(), sum(d.finite()), sum(d.infinite())),
            Belief::Known(g) => (*g.mean(), sum(g.covariance()), NONE),
        };
        check_mean(&mean, &row.predicted);
        check(finite, row.predicted_sum);
        match step.evidence {
            Evidence::Arrival(arrival) => {
                check(arrival.value(), row.innovation);
                check(arrival.finite_variance(), row.variance);
                check(arrival.infinite_variance(), row.infinite_variance);
                check(infinite, row.infinite_sum);
            }
            Evidence::Innovation(innovation) => {
                assert!(row.infinite_variance.is_nan());
                check(innovation.value(), row.innovation);
                check(innovation.variance(), row.variance);
                check(innovation.nis(), row.innovation * row.innovation / row.variance);
            }
            Evidence::Missing => panic!("none is missing"),
        }
        let filtered = match &step.filtered {
            Belief::Diffuse(d) => d.mean(),
            Belief::Known(g) => g.mean(),
        };
        check_mean(filtered, &row.filtered);
        check_mean(smoothed.mean(), &row.smoothed);
        check(sum(smoothed.covariance()), row.smoothed_sum);
    }
}

fn check_mean<const N: usize>(actual: &SVector<f64, N>, expected: &[f64; N]) {
    for (a, e) in actual.iter().zip(expected) {
        check(*a, *e);
    }
}

fn samples(values: [f64; 10]) -> Vec<Sample> {
    let mut samples = values.map(|value| Sample::new(1.0, value));
    samples[0].elapsed = 0.0;
    samples.to_vec()
}

/// Tolerance: [`TOLERANCE`].
///
/// Proves H1, H2.
#[test]
fn the_local_level_agrees_with_kfas_from_the_first_row_on() {
    let model = LocalLevel::new(8.253, 1.993).unwrap();
    let samples = samples([10.2394, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
    check_rows(&run, &LEVEL);
    // KFAS leaves out ln 2π for the one diffuse observation.
    check(run.log_likelihood() + 0.5 * LN_TAU, -23.016_321_850_936_6);
    check(log_likelihood(&model, Belief::unknown(), &samples).unwrap(), run.log_likelihood());
}

/// A level and a trend whose noises do not depend on time, as KFAS has them.
#[derive(Debug)]
struct DiscreteTrend {
    level: f64,
    trend: f64,
    noise: f64,
}

impl Model<2> for DiscreteTrend {
    fn transition(&self, elapsed: f64) -> Result<Transition<2>, FilterError> {
        let moves = if elapsed > 0.0 { 1.0 } else { 0.0 };
        let noise = Matrix2::new(moves * self.level, 0.0, 0.0, moves * self.trend);
        Transition::new(Matrix2::new(1.0, elapsed, 0.0, 1.0), noise)
    }

    fn loading(&self) -> Vector2<f64> {
        Vector2::new(1.0, 0.0)
    }

    fn noise(&self) -> f64 {
        self.noise
    }
}

/// Tolerance: [`TOLERANCE`].
///
/// Proves H1, H2.
#[test]
fn the_trend_agrees_with_kfas_from_the_first_row_on() {
    let model = DiscreteTrend { level: 8.253, trend: 2.334, noise: 1.993 };
    let samples = samples([10.2394, 4.2039, 6.123_123, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
    check_rows(&run, &TREND);
    // Two diffuse observations.
    check(run.log_likelihood() + LN_TAU, -21.136_498_387_232_4);
}

/// `results_exact_initial_local_level_R.csv`.
const LEVEL: [Row<1>; 10] = [
    Row {
        innovation: 10.239_4,
        variance: 1.993,
        infinite_variance: 1.0,
        predicted: [0.0],
        predicted_sum: 0.0,
        infinite_sum: 1.0,
        filtered: [10.239_4],
        smoothed: [8.692_691_894_822_01],
        smoothed_sum: 1.659_364_779_788_76,
    },
    Row {
        innovation: -9.239_4,
        variance: 12.239,
        infinite_variance: NONE,
        predicted: [10.239_4],
        predicted_sum: 10.246,
        infinite_sum: NONE,
        filtered: [2.504_544_832_094_13],
        smoothed: [2.287_783_720_193_85],
        smoothed_sum: 1.428_083_208_553_18,
    },
    Row {
        innovation: -1.504_544_832_094_13,
        variance: 11.914_459_678_078_3,
        infinite_variance: NONE,
        predicted: [2.504_544_832_094_13],
        predicted_sum: 9.921_459_678_078_27,
        infinite_sum: NONE,
        filtered: [1.251_673_842_656_98],
        smoothed: [1.215_579_530_894_27],
        smoothed_sum: 1.421_601_787_837_4,
    },
    Row {
        innovation: -0.251_673_842_656_979,
        variance: 11.905_619_460_107_9,
        infinite_variance: NONE,
        predicted: [1.251_673_842_656_98],
        predicted_sum: 9.912_619_460_107_93,
        infinite_sum: NONE,
        filtered: [1.042_130_186_513_69],
        smoothed: [1.036_088_772_839_24],
        smoothed_sum: 1.421_420_153_008_46,
    },
    Row {
        innovation: -0.042_130_186_513_689_6,
        variance: 11.905_371_916_781_9,
        infinite_variance: NONE,
        predicted: [1.042_130_186_513_69],
        predicted_sum: 9.912_371_916_781_89,
        infinite_sum: NONE,
        filtered: [1.007_052_737_395_24],
        smoothed: [1.006_041_387_710_61],
        smoothed_sum: 1.421_415_066_879_39,
    },
    Row {
        innovation: -0.007_052_737_395_244_7,
        variance: 11.905_364_979_795_3,
        infinite_variance: NONE,
        predicted: [1.007_052_737_395_24],
        predicted_sum: 9.912_364_979_795_3,
        infinite_sum: NONE,
        filtered: [1.001_180_653_062_93],
        smoothed: [1.001_011_349_684_64],
        smoothed_sum: 1.421_415_066_879_39,
    },
    Row {
        innovation: -0.001_180_653_062_932_36,
        variance: 11.905_364_785_393_7,
        infinite_variance: NONE,
        predicted: [1.001_180_653_062_93],
        predicted_sum: 9.912_364_785_393_73,
        infinite_sum: NONE,
        filtered: [1.000_197_645_481_41],
        smoothed: [1.000_169_304_105_9],
        smoothed_sum: 1.421_420_153_008_46,
    },
    Row {
        innovation: -0.000_197_645_481_414_543,
        variance: 11.905_364_779_945_8,
        infinite_variance: NONE,
        predicted: [1.000_197_645_481_41],
        predicted_sum: 9.912_364_779_945_83,
        infinite_sum: NONE,
        filtered: [1.000_033_086_549_78],
        smoothed: [1.000_028_345_725_36],
        smoothed_sum: 1.421_601_787_837_4,
    },
    Row {
        innovation: -3.308_654_978_151_36e-5,
        variance: 11.905_364_779_793_2,
        infinite_variance: NONE,
        predicted: [1.000_033_086_549_78],
        predicted_sum: 9.912_364_779_793_16,
        infinite_sum: NONE,
        filtered: [1.000_005_538_804_98],
        smoothed: [1.000_004_766_808_65],
        smoothed_sum: 1.428_083_208_553_17,
    },
    Row {
        innovation: -5.538_804_978_666_43e-6,
        variance: 11.905_364_779_788_9,
        infinite_variance: NONE,
        predicted: [1.000_005_538_804_98],
        predicted_sum: 9.912_364_779_788_88,
        infinite_sum: NONE,
        filtered: [1.000_000_927_215_46],
        smoothed: [1.000_000_927_215_46],
        smoothed_sum: 1.659_364_779_788_76,
    },
];

/// `results_exact_initial_local_linear_trend_R.csv`.
const TREND: [Row<2>; 10] = [
    Row {
        innovation: 10.239_4,
        variance: 1.993,
        infinite_variance: 1.0,
        predicted: [0.0, 0.0],
        predicted_sum: 0.0,
        infinite_sum: 2.0,
        filtered: [10.239_4, 0.0],
        smoothed: [9.724_225_851_094_83, -2.421_275_775_219_5],
        smoothed_sum: 4.125_411_872_645_2,
    },
    Row {
        innovation: -6.035_5,
        variance: 12.239,
        infinite_variance: 1.0,
        predicted: [10.239_4, 0.0],
        predicted_sum: 12.58,
        infinite_sum: 4.0,
        filtered: [4.203_9, -6.035_5],
        smoothed: [5.169_617_285_652_39, -1.817_955_923_967_79],
        smoothed_sum: 3.935_145_677_283_26,
    },
    Row {
        innovation: 7.954_723,
        variance: 30.798,
        infinite_variance: NONE,
        predicted: [-1.831_6, -6.035_5],
        predicted_sum: 78.844,
        infinite_sum: NONE,
        filtered: [5.608_357_010_682_51, -1.756_717_571_985_19],
        smoothed: [5.217_357_552_138_63, -1.742_266_620_216_34],
        smoothed_sum: 3.600_761_753_601_98,
    },
    Row {
        innovation: -2.851_639_438_697_32,
        variance: 22.250_346_743_295,
        infinite_variance: NONE,
        predicted: [3.851_639_438_697_32, -1.756_717_571_985_19],
        predicted_sum: 48.724_224_397_688_1,
        infinite_sum: NONE,
        filtered: [1.255_426_015_014_19, -2.918_925_017_223_55],
        smoothed: [1.590_018_310_936_35, -1.133_466_993_263_5],
        smoothed_sum: 3.449_772_556_237_22,
    },
    Row {
        innovation: 2.663_499_002_209_36,
        variance: 20.319_433_943_988_6,
        infinite_variance: NONE,
        predicted: [-1.663_499_002_209_36, -2.918_925_017_223_55],
        predicted_sum: 42.188_235_077_140_7,
        infinite_sum: NONE,
        filtered: [0.738_754_852_815_49, -1.942_803_060_258_39],
        smoothed: [1.014_740_673_685_23, -0.682_526_806_142_577],
        smoothed_sum: 3.404_176_415_373_87,
    },
    Row {
        innovation: 2.204_048_207_442_9,
        variance: 19.743_668_587_365_1,
        infinite_variance: NONE,
        predicted: [-1.204_048_207_442_9, -1.942_803_060_258_39],
        predicted_sum: 40.263_528_174_916_7,
        infinite_sum: NONE,
        filtered: [0.777_515_102_727_931, -1.164_747_574_042_14],
        smoothed: [0.951_444_257_134_675, -0.406_708_844_795_046],
        smoothed_sum: 3.417_794_992_514_88,
    },
    Row {
        innovation: 1.387_232_471_314_21,
        variance: 19.557_874_121_571_9,
        infinite_variance: NONE,
        predicted: [-0.387_232_471_314_205, -1.164_747_574_042_14],
        predicted_sum: 39.644_827_446_076_7,
        infinite_sum: NONE,
        filtered: [0.858_637_278_359_423, -0.681_255_709_019_103],
        smoothed: [0.962_896_787_447_189, -0.249_149_534_786_548],
        smoothed_sum: 3.511_084_684_472_22,
    },
    Row {
        innovation: 0.822_618_430_659_68,
        variance: 19.496_342_744_127_2,
        infinite_variance: NONE,
        predicted: [0.177_381_569_340_32, -0.681_255_709_019_103],
        predicted_sum: 39.440_167_546_298_1,
        infinite_sum: NONE,
        filtered: [0.915_908_406_318_996, -0.395_782_473_854_191],
        smoothed: [0.978_264_466_604_951, -0.166_397_346_715_046],
        smoothed_sum: 3.817_869_552_690_73,
    },
    Row {
        innovation: 0.479_874_067_535_195,
        variance: 19.475_782_932_305_1,
        infinite_variance: NONE,
        predicted: [0.520_125_932_464_805, -0.395_782_473_854_191],
        predicted_sum: 39.371_808_038_388_4,
        infinite_sum: NONE,
        filtered: [0.950_893_423_903_834, -0.229_493_137_203_491],
        smoothed: [0.986_377_631_822_506, -0.132_997_822_505_254],
        smoothed_sum: 4.853_781_695_311_28,
    },
    Row {
        innovation: 0.278_599_713_299_656,
        variance: 19.468_892_034_418_5,
        infinite_variance: NONE,
        predicted: [0.721_400_286_700_344, -0.229_493_137_203_491],
        predicted_sum: 39.348_898_945_230_8,
        infinite_sum: NONE,
        filtered: [0.971_480_183_483_241, -0.132_997_822_505_254],
        smoothed: [0.971_480_183_483_241, -0.132_997_822_505_254],
        smoothed_sum: 9.220_580_000_434_85,
    },
];
